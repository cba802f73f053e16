/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/rapl/choice.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "core/log.h"

/* In the order of RAPL_AUTO: first what is cheapest, needs least, and has the widest counters. */
static const struct rapl_backend_ops *const backends[] = {
	&rapl_backend_perf,
	&rapl_backend_powercap,
	&rapl_backend_msr,
};
#define N_BACKENDS (sizeof(backends) / sizeof(*backends))

/* The counters move about every ms; a virtual machine gets this many ms to show that they do. */
#define PATIENCE_MS 10

/* Does every counter read 0, and stay there? */
static bool stands_at_zero(struct rapl_backend *backend)
{
	const struct timespec pause = {.tv_nsec = 2 * NSEC_PER_MSEC};

	for (int waited_ms = 0;; waited_ms += 2) {
		backend->ops->read(backend, false);
		for (size_t i = 0; i < backend->n_domains; i++)
			if (!backend->domains[i].error && backend->domains[i].count != 0)
				return false;
		if (waited_ms >= PATIENCE_MS)
			return true;
		nanosleep(&pause, NULL);
	}
}

int rapl_open_backend(const struct rapl_backend_ops *ops, struct rapl_machine *machine,
                      struct rapl_backend **backend, struct rapl_reason *reason)
{
	int error = ops->open(machine, backend, reason);

	if (error || !machine->hypervisor || !stands_at_zero(*backend))
		return error;
	ops->close(*backend);
	*backend = NULL;
	rapl_reason_set(reason, "this is a virtual machine, and every energy counter reads 0: the "
	                        "hypervisor does not pass them through");
	return -EIO;
}

/* A list of domains for a message; a long one is cut, and says so. */
static void describe_ids(const struct rapl_id_list *list, char *text, size_t size)
{
	size_t length = 0;

	text[0] = '\0';
	for (size_t i = 0; i < list->n; i++) {
		char label[RAPL_LABEL_SIZE];

		rapl_id_label(&list->ids[i], label);
		if (length + strlen(label) + 32 > size) {
			snprintf(text + length, size - length, " and %zu more", list->n - i);
			return;
		}
		length += (size_t)snprintf(text + length, size - length, "%s%s", i ? "; " : "",
		                           label);
	}
}

/* Add to missing what is in list and not in other. The dies of a package are one domain here. */
static int subtract(const struct rapl_id_list *list, const struct rapl_id_list *other,
                    struct rapl_id_list *missing)
{
	for (size_t i = 0; i < list->n; i++) {
		struct rapl_id id = {list->ids[i].kind, list->ids[i].package, -1};
		bool found = false;

		for (size_t j = 0; j < other->n && !found; j++)
			found = other->ids[j].kind == id.kind &&
			        other->ids[j].package == id.package;
		if (!found && rapl_id_list_add(missing, &id))
			return -ENOMEM;
	}
	return 0;
}

static int list_domains(const struct rapl_backend *backend, struct rapl_id_list *list)
{
	*list = (struct rapl_id_list){0};
	for (size_t i = 0; i < backend->n_domains; i++)
		if (rapl_id_list_add(list, &backend->domains[i].id))
			return -ENOMEM;
	return 0;
}

/* Tell how the domains of the backend in use differ from those that another one shows. */
static int compare_with(const struct rapl_backend *used, const struct rapl_backend_ops *other,
                        struct rapl_machine *machine)
{
	struct rapl_id_list ours = {0}, theirs = {0}, only_ours = {0}, only_theirs = {0};
	char ours_text[256], theirs_text[256];
	int error = other->scan(machine, &theirs);

	if (error == -ENODEV)
		return 0;
	if (!error)
		error = list_domains(used, &ours);
	if (!error)
		error = subtract(&ours, &theirs, &only_ours);
	if (!error)
		error = subtract(&theirs, &ours, &only_theirs);
	if (!error && (only_ours.n > 0 || only_theirs.n > 0)) {
		describe_ids(&only_ours, ours_text, sizeof(ours_text));
		describe_ids(&only_theirs, theirs_text, sizeof(theirs_text));
		log_warn("rapl: %s and %s show different domains. Only %s: %s. Only %s: %s.\n"
		         "%s is used: of perf, powercap and msr it is the first that can be read. "
		         "To choose, and not to see this: plugins.rapl.backend",
		         used->ops->name, other->name, used->ops->name,
		         only_ours.n ? ours_text : "none", other->name,
		         only_theirs.n ? theirs_text : "none", used->ops->name);
	}
	rapl_id_list_free(&ours);
	rapl_id_list_free(&theirs);
	rapl_id_list_free(&only_ours);
	rapl_id_list_free(&only_theirs);
	return error;
}

/*
 * Tell that no backend can be used. reasons: of each one tried, a line. A virtual machine without
 * counters is no news to its user, and nothing that he could mend: there one line is enough.
 */
static void tell_none(const struct rapl_machine *machine, bool required, bool is_forbidden,
                      const char *reasons)
{
	const char *advice =
		is_forbidden ? "\n'alumet-agent doctor' shows the command that permits it" : "";

	if (required)
		log_error("rapl: no energy counter can be read%s%s", reasons, advice);
	else if (machine->hypervisor && !is_forbidden && !log_is_shown(LOG_INFO))
		log_warn("no energy: this virtual machine has no energy counters");
	else
		log_warn("no energy: no counter of RAPL can be read%s%s", reasons, advice);
}

static int choose_automatically(struct rapl_machine *machine, bool no_perf, bool required,
                                struct rapl_backend **backend)
{
	struct rapl_reason reason;
	char reasons[N_BACKENDS * (sizeof(reason.text) + 16)];
	bool is_forbidden = false;
	size_t length = 0;

	for (size_t i = no_perf ? 1 : 0; i < N_BACKENDS; i++) {
		int error = rapl_open_backend(backends[i], machine, backend, &reason);

		if (error == -ENOMEM)
			return error;
		if (!error) {
			log_info("rapl: read by %s", backends[i]->name);
			return 0;
		}
		log_debug("rapl: not by %s: %s", backends[i]->name, reason.text);
		is_forbidden = is_forbidden || error == -EACCES || error == -EPERM;
		length += (size_t)snprintf(reasons + length, sizeof(reasons) - length, "\n%s: %s",
		                           backends[i]->name, reason.text);
	}
	tell_none(machine, required, is_forbidden, reasons);
	return -ENODEV;
}

int rapl_choose(struct rapl_machine *machine, enum rapl_wish wish, bool no_perf, bool required,
                struct rapl_backend **backend)
{
	struct rapl_reason reason;
	int error;

	*backend = NULL;
	if (wish != RAPL_AUTO) {
		const struct rapl_backend_ops *ops = backends[wish - RAPL_PERF];

		error = rapl_open_backend(ops, machine, backend, &reason);
		if (error && error != -ENOMEM)
			log_error("rapl: backend \"%s\": %s", ops->name, reason.text);
		/* -ENODEV would mean that the run may go on without. */
		return error == -ENODEV ? -ENXIO : error;
	}
	error = choose_automatically(machine, no_perf, required, backend);
	for (size_t i = 0; !error && i < N_BACKENDS; i++)
		if (backends[i] != (*backend)->ops && backends[i]->scan)
			error = compare_with(*backend, backends[i], machine);
	if (error && *backend) {
		(*backend)->ops->close(*backend);
		*backend = NULL;
	}
	return error;
}
