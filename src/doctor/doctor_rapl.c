/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The doctor reads each energy counter once, whichever interface it has. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "doctor/doctor_checks.h"
#include "sources/rapl/backend.h"
#include "sources/rapl/choice.h"
#include "sources/rapl/rapl.h"

static const struct {
	const struct rapl_backend_ops *ops;
	enum rapl_wish wish;
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

static void add_domains(struct report *report, struct rapl_backend *backend)
{
	for (size_t i = 0; i < backend->n_domains; i++) {
		const struct rapl_domain *domain = &backend->domains[i];
		char label[RAPL_LABEL_SIZE], subject[RAPL_LABEL_SIZE + 16];

		snprintf(subject, sizeof(subject), "%s, %s", backend->ops->name,
		         rapl_domain_label(domain, label));
		if (domain->error)
			report_add(report, AREA_RAPL, LACKING, subject,
			           "choose another with backend = \"...\" in [plugins.rapl]",
			           "cannot be read: %s", strerror(-domain->error));
		else
			report_add(report, AREA_RAPL, GOOD, subject, NULL, "reads %.3f J",
			           (double)domain->count / domain->counts_per_joule);
	}
}

/* What is there and may not be read needs a permission; what a virtual machine lacks, its host has. */
static const char *remedy_for(const struct examination *examination,
                              const struct rapl_machine *machine, size_t i, int err)
{
	if ((err == -EACCES || err == -EPERM) && backends[i].wish == RAPL_PERF)
		return examination->remedy;
	if (err == -EACCES || err == -EPERM || !machine->hypervisor)
		return backends[i].remedy;
	return "measure on the host: few hypervisors pass energy counters on";
}

static bool check_backend(struct examination *examination, struct rapl_machine *machine, size_t i)
{
	struct rapl_backend *backend = NULL;
	struct rapl_reason reason = {.text = "out of memory"};
	char subject[32];
	int err;

	snprintf(subject, sizeof(subject), "backend %s", backends[i].ops->name);
	err = rapl_open_backend(backends[i].ops, machine, &backend, &reason);
	if (err) {
		doctor_strip_advice(reason.text);
		report_add(examination->report, AREA_RAPL, LACKING, subject,
		           remedy_for(examination, machine, i, err), "%s", reason.text);
		return false;
	}
	backends[i].ops->read(backend, false);
	report_add(examination->report, AREA_RAPL, GOOD, subject, NULL, "%zu counter%s",
	           backend->n_domains, backend->n_domains == 1 ? "" : "s");
	add_domains(examination->report, backend);
	backends[i].ops->close(backend);
	return true;
}

/* Whether exec would refuse to run: rapl was asked for by name, and what was asked for is missing. */
static bool is_fatal(const struct plugin_config *rapl, const bool *works)
{
	const struct rapl_settings *settings = rapl ? rapl->settings : NULL;
	bool any = false;

	if (!settings)
		return false;
	for (size_t i = 0; i < sizeof(backends) / sizeof(backends[0]); i++) {
		if (settings->backend == (int)backends[i].wish)
			return !works[i];
		any = any || works[i];
	}
	return rapl->required && !any;
}

void doctor_check_rapl(struct examination *examination)
{
	const struct plugin_config *rapl = doctor_plugin(examination, "rapl");
	bool works[sizeof(backends) / sizeof(backends[0])] = {false};
	struct rapl_machine machine;
	int err = rapl_machine_open(&machine, *examination->sysroot ? examination->sysroot : "/");

	if (err)
		report_add(examination->report, AREA_RAPL, LACKING, "sysroot",
		           "set sysroot in [plugins.rapl] to \"/\"", "%s cannot be opened: %s",
		           examination->sysroot, strerror(-err));
	for (size_t i = 0; !err && i < sizeof(backends) / sizeof(backends[0]); i++)
		works[i] = check_backend(examination, &machine, i);
	if (is_fatal(rapl, works))
		report_add(examination->report, AREA_RAPL, FATAL, "plugin rapl",
		           "leave rapl out of --plugins, or set backend = \"auto\" in "
		           "[plugins.rapl]",
		           "was asked for by name, and cannot measure");
	rapl_machine_close(&machine);
}
