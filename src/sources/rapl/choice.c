/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/rapl/choice.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "core/log.h"

/* In the order of RAPL_AUTO: first the cheapest, with the fewest needs and the widest counters. */
static const struct rapl_backend_ops *const backends[] = {
	&rapl_backend_perf,
	&rapl_backend_powercap,
	&rapl_backend_msr,
};
#define N_BACKENDS (sizeof(backends) / sizeof(*backends))

/*
 * The counters move about every ms: in a virtual machine, one that reads 0 for this long is not
 * real.
 */
#define TIMEOUT_MS 10

/* Whether every counter reads 0 until the timeout. */
static bool reads_zero(struct rapl_backend *backend, int timeout_ms)
{
	const struct timespec pause = {.tv_nsec = 2 * NSEC_PER_MSEC};

	for (int waited_ms = 0;; waited_ms += 2) {
		backend->ops->read(backend, false);
		for (size_t i = 0; i < backend->n_domains; i++)
			if (!backend->domains[i].error && backend->domains[i].count != 0)
				return false;
		if (waited_ms >= timeout_ms)
			return true;
		nanosleep(&pause, NULL);
	}
}

static const char *const reads_zero_text =
	"this is a virtual machine, and every energy counter reads 0: the hypervisor does not pass "
	"them through";

int rapl_open_backend(const struct rapl_backend_ops *ops, struct rapl_machine *machine,
                      struct rapl_backend **backend, struct rapl_reason *reason)
{
	int error = ops->open(machine, backend, reason);

	if (error || !machine->hypervisor || !reads_zero(*backend, TIMEOUT_MS))
		return error;
	ops->close(*backend);
	*backend = NULL;
	rapl_reason_set(reason, "%s", reads_zero_text);
	return -EIO;
}

/* List the domains for a message; a long list is cut, and ends with the number of the rest. */
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

/* Add to missing the domains that are in list but not in other, whatever their dies. */
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

/* Warn if the backend in use and another one have different domains. */
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
 * Log that no backend can be used. reasons: a line for each one that was tried. One line is enough
 * in a virtual machine, where it is normal that there are no counters.
 */
static void log_none(const struct rapl_machine *machine, enum absence absence, bool is_forbidden,
                     const char *reasons)
{
	const char *advice =
		is_forbidden ? "\n'alumet-agent doctor' shows the command that permits it" : "";

	if (absence == ABSENCE_ERROR)
		log_absence(absence, "rapl: no energy counter can be read%s%s", reasons, advice);
	else if (machine->hypervisor && !is_forbidden && !log_is_shown(LOG_INFO))
		log_absence(absence, "no energy: this virtual machine has no energy counters");
	else
		log_absence(absence, "no energy: no counter of RAPL can be read%s%s", reasons,
		            advice);
}

/* Why none of the backends that were tried can be used, a line each. */
struct reasons {
	char text[N_BACKENDS * (sizeof(struct rapl_reason) + 16)];
	size_t length;
	bool is_forbidden; /* one of them exists, but may not be read */
};

static void add_reason(struct reasons *reasons, const struct rapl_backend_ops *ops, int error,
                       const char *text)
{
	log_debug("rapl: not by %s: %s", ops->name, text);
	reasons->is_forbidden = reasons->is_forbidden || error == -EACCES || error == -EPERM;
	reasons->length += (size_t)snprintf(reasons->text + reasons->length,
	                                    sizeof(reasons->text) - reasons->length, "\n%s: %s",
	                                    ops->name, text);
}

/*
 * Whether the backend can be used before it is known that its counters are real. The energy of CPUs
 * is attributed to processes, which is prepared before the command starts; that of the whole
 * machine is not. Only the counters of perf start at 0 when they are opened; those of the other
 * backends are real if they are not 0.
 */
static bool can_decide_later(const struct rapl_backend *backend)
{
	if (backend->ops != &rapl_backend_perf)
		return true;
	for (size_t i = 0; i < backend->n_domains; i++)
		if (backend->domains[i].id.kind != RAPL_PLATFORM)
			return false;
	return true;
}

/* Like rapl_open_backend(), but returns -EAGAIN and the backend if that can be decided later. */
static int open_or_doubt(const struct rapl_backend_ops *ops, struct rapl_machine *machine,
                         struct rapl_backend **backend, struct rapl_reason *reason)
{
	int error = ops->open(machine, backend, reason);

	if (error || !machine->hypervisor)
		return error;
	if (!reads_zero(*backend, can_decide_later(*backend) ? 0 : TIMEOUT_MS))
		return 0;
	rapl_reason_set(reason, "%s", reads_zero_text);
	if (can_decide_later(*backend))
		return -EAGAIN;
	ops->close(*backend);
	*backend = NULL;
	return -EIO;
}

static void close_backend(struct rapl_backend **backend)
{
	if (*backend)
		(*backend)->ops->close(*backend);
	*backend = NULL;
}

/*
 * Open the first readable backend, or else the first one in doubt, and set *is_in_doubt. If one in
 * doubt precedes a readable one, it gets time to move, because this machine has real counters.
 */
static int try_each(struct rapl_machine *machine, bool no_perf, enum absence absence,
                    struct reasons *reasons, struct rapl_backend **backend, bool *is_in_doubt)
{
	struct rapl_backend *doubtful = NULL;
	struct rapl_reason reason;
	int error = -ENODEV;

	for (size_t i = no_perf ? 1 : 0; i < N_BACKENDS; i++) {
		error = absence == ABSENCE_ERROR
		                ? rapl_open_backend(backends[i], machine, backend, &reason)
		                : open_or_doubt(backends[i], machine, backend, &reason);
		if (!error || error == -ENOMEM)
			break;
		add_reason(reasons, backends[i], error, reason.text);
		if (error == -EAGAIN && !doubtful)
			doubtful = *backend;
		else
			close_backend(backend);
		*backend = NULL;
	}
	*is_in_doubt = error && error != -ENOMEM && doubtful;
	if (*is_in_doubt || (!error && doubtful && !reads_zero(doubtful, TIMEOUT_MS))) {
		close_backend(backend);
		*backend = doubtful;
		return 0;
	}
	close_backend(&doubtful);
	return error;
}

static int choose_automatically(struct rapl_machine *machine, bool no_perf, enum absence absence,
                                struct rapl_backend **backend, struct rapl_doubt **doubt)
{
	struct reasons reasons = {.text = ""};
	bool is_in_doubt;
	int error = try_each(machine, no_perf, absence, &reasons, backend, &is_in_doubt);

	if (error == -ENOMEM)
		return error;
	if (error) {
		log_none(machine, absence, reasons.is_forbidden, reasons.text);
		return -ENODEV;
	}
	log_info("rapl: read by %s%s", (*backend)->ops->name,
	         is_in_doubt ? ", whose counters read 0 so far" : "");
	if (!is_in_doubt)
		return 0;
	*doubt = calloc(1, sizeof(**doubt) + reasons.length + 1);
	if (!*doubt)
		return -ENOMEM;
	(*doubt)->absence = absence;
	(*doubt)->is_forbidden = reasons.is_forbidden;
	memcpy((*doubt)->reasons, reasons.text, reasons.length + 1);
	return 0;
}

int rapl_choose(struct rapl_machine *machine, enum rapl_backend_setting setting, bool no_perf,
                enum absence absence, struct rapl_backend **backend, struct rapl_doubt **doubt)
{
	struct rapl_reason reason;
	int error;

	*backend = NULL;
	*doubt = NULL;
	if (setting != RAPL_AUTO) {
		const struct rapl_backend_ops *ops = backends[setting - RAPL_PERF];

		error = rapl_open_backend(ops, machine, backend, &reason);
		if (error && error != -ENOMEM)
			log_error("rapl: backend \"%s\": %s", ops->name, reason.text);
		/* -ENODEV would mean that the run may continue without RAPL. */
		return error == -ENODEV ? -ENXIO : error;
	}
	error = choose_automatically(machine, no_perf, absence, backend, doubt);
	for (size_t i = 0; !error && !*doubt && i < N_BACKENDS; i++)
		if (backends[i] != (*backend)->ops && backends[i]->scan)
			error = compare_with(*backend, backends[i], machine);
	if (error)
		close_backend(backend);
	return error;
}

void rapl_log_doubt(const struct rapl_machine *machine, const struct rapl_doubt *doubt)
{
	log_none(machine, doubt->absence, doubt->is_forbidden, doubt->reasons);
}
