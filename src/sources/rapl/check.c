/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reads each energy counter once, through each interface. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "alumet/check.h"
#include "linux/permission.h"
#include "sources/rapl/backend.h"
#include "sources/rapl/choice.h"
#include "sources/rapl/rapl.h"

static const struct {
	const struct rapl_backend_ops *ops;
	enum rapl_backend_setting setting;
	const char *remedy;
} backends[] = {
	{&rapl_backend_perf, RAPL_PERF,
         "a machine with RAPL: modprobe rapl; a container: --cap-add PERFMON; else grant "
         "CAP_PERFMON, see above"},
	{&rapl_backend_powercap, RAPL_POWERCAP,
         "modprobe intel_rapl_common intel_rapl_msr; to let others than root read:\n"
         "sudo chmod -R a+r /sys/devices/virtual/powercap"},
	{&rapl_backend_msr, RAPL_MSR, "modprobe msr, and run as root"},
};

static void add_domains(struct check *check, struct rapl_backend *backend)
{
	for (size_t i = 0; i < backend->n_domains; i++) {
		const struct rapl_domain *domain = &backend->domains[i];
		char label[RAPL_LABEL_SIZE], subject[RAPL_LABEL_SIZE + 16];

		snprintf(subject, sizeof(subject), "%s, %s", backend->ops->name,
		         rapl_domain_label(domain, label));
		if (domain->error)
			check_add(check, LACKING, subject,
			          "choose another with backend = \"...\" in [plugins.rapl]",
			          "cannot be read: %s", strerror(-domain->error));
		else
			check_add(check, GOOD, subject, NULL, "reads %.3f J",
			          (double)domain->count / domain->counts_per_joule);
	}
}

/* Counters that may not be read need a permission; a virtual machine's host may have them. */
static const char *remedy_for(const struct check *check, const struct rapl_machine *machine,
                              size_t i, int err, char text[static PERMISSION_REMEDY_SIZE])
{
	if ((err == -EACCES || err == -EPERM) && backends[i].setting == RAPL_PERF) {
		permission_remedy(check->sysroot, text);
		return text;
	}
	if (err == -EACCES || err == -EPERM || !machine->hypervisor)
		return backends[i].remedy;
	return "measure on the host: few hypervisors pass energy counters on";
}

static bool check_backend(struct check *check, struct rapl_machine *machine, size_t i)
{
	struct rapl_backend *backend = NULL;
	struct rapl_reason reason = {.text = "out of memory"};
	char subject[32], remedy[PERMISSION_REMEDY_SIZE];
	int err;

	snprintf(subject, sizeof(subject), "backend %s", backends[i].ops->name);
	err = rapl_open_backend(backends[i].ops, machine, &backend, &reason);
	if (err) {
		check_add(check, LACKING, subject, remedy_for(check, machine, i, err, remedy), "%s",
		          reason.text);
		return false;
	}
	backends[i].ops->read(backend, false);
	check_add(check, GOOD, subject, NULL, "%zu counter%s", backend->n_domains,
	          backend->n_domains == 1 ? "" : "s");
	add_domains(check, backend);
	backends[i].ops->close(backend);
	return true;
}

/* Whether the configuration names a backend that does not work: then exec refuses to run. */
static bool lacks_what_was_named(const struct rapl_settings *settings, const bool *works)
{
	for (size_t i = 0; i < sizeof(backends) / sizeof(backends[0]); i++) {
		if (settings->backend == (int)backends[i].setting)
			return !works[i];
	}
	return false;
}

enum check_result rapl_check(const void *settings, struct check *check)
{
	bool works[sizeof(backends) / sizeof(backends[0])] = {false};
	bool any = false, is_fatal;
	struct rapl_machine machine;
	int err = rapl_machine_open(&machine, *check->sysroot ? check->sysroot : "/");

	check_area(check, "rapl", "Energy (RAPL)");
	if (err)
		check_add(check, LACKING, "sysroot", "set sysroot in [plugins.rapl] to \"/\"",
		          "%s cannot be opened: %s", check->sysroot, strerror(-err));
	for (size_t i = 0; !err && i < sizeof(backends) / sizeof(backends[0]); i++) {
		works[i] = check_backend(check, &machine, i);
		any |= works[i];
	}
	if (any)
		rapl_check_filtering(check, &machine);
	is_fatal = check->enabled &&
	           (lacks_what_was_named(settings, works) || (check->required && !any));
	if (is_fatal)
		check_add(check, FATAL, "plugin rapl",
		          "leave rapl out of --plugins, or set backend = \"auto\" in "
		          "[plugins.rapl]",
		          "was asked for by name, and cannot measure");
	rapl_machine_close(&machine);
	if (is_fatal)
		return CHECK_FAILS;
	return any ? CHECK_WORKS : CHECK_NOTHING;
}
