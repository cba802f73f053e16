/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/events/event_explain.h"

#include <errno.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "linux/capability.h"
#include "core/log.h"
#include "core/suggest.h"
#include "linux/text_file.h"
#include "sources/perf/events/alias.h"
#include "sources/perf/events/grammar_modifiers.h"
#include "sources/perf/events/tracepoint.h"
#include "sources/perf/fields.h"

/* A growing list of names to choose from. */
struct candidates {
	const char **names;
	char *texts; /* copies of those that live only during a call, one after the other */
	size_t n, size;
};

static int count_candidate(void *data, const struct alias *alias, const char *const *perf_names)
{
	struct candidates *candidates = data;

	candidates->n++;
	candidates->size += strlen(alias->name) + 1;
	for (; *perf_names; perf_names++) {
		candidates->n++;
		candidates->size += strlen(*perf_names) + 1;
	}
	return 0;
}

static void copy_candidate(struct candidates *candidates, const char *name)
{
	const size_t size = strlen(name) + 1;

	memcpy(candidates->texts + candidates->size, name, size);
	candidates->names[candidates->n++] = candidates->texts + candidates->size;
	candidates->size += size;
}

static int add_candidate(void *data, const struct alias *alias, const char *const *perf_names)
{
	copy_candidate(data, alias->name);
	for (; *perf_names; perf_names++)
		copy_candidate(data, *perf_names);
	return 0;
}

/* Collect the names of generic events, Alumet's and perf's. */
static int collect_aliases(struct candidates *candidates)
{
	alias_each(count_candidate, candidates);
	candidates->names = calloc(candidates->n, sizeof(*candidates->names));
	candidates->texts = malloc(candidates->size);
	candidates->n = candidates->size = 0;
	if (!candidates->names || !candidates->texts)
		return -ENOMEM;
	alias_each(add_candidate, candidates);
	return 0;
}

/*
 * Find the nearest name of a generic event or of one of the core PMUs; text is "" if there is none.
 */
static int find_nearest(const struct event_context *context, const char *word, char *text,
                        size_t size)
{
	struct candidates aliases = {0};
	const struct pmu *pmu = NULL;
	const char *nearest = NULL;
	int err = collect_aliases(&aliases);

	*text = '\0';
	if (!err)
		nearest = suggest_nearest(word, aliases.names, aliases.n);
	if (nearest)
		snprintf(text, size, "%s", nearest);
	while (!err && !nearest && (pmu = pmu_next_core(&context->pmus, pmu)) != NULL) {
		struct pmu_names names;

		err = pmu_names(&context->pmus, pmu, "events", &names);
		nearest = suggest_nearest(word, (const char *const *)names.names, names.n);
		if (nearest)
			snprintf(text, size, "%s", nearest);
		pmu_names_free(&names);
	}
	free(aliases.names);
	free(aliases.texts);
	return err;
}

/* "cycles:x": the event is known, but not what follows it. */
static bool has_wrong_modifier(const struct event_spec *spec)
{
	const char *colon = strchr(spec->name, ':');
	char *word = colon ? strndup(spec->name, (size_t)(colon - spec->name)) : NULL;
	struct alias alias;
	bool wrong = word && alias_find(word, &alias);

	free(word);
	if (wrong)
		log_error("event \"%s\": \"%s\" is not a modifier; known are %s", spec->text,
		          colon + 1, MODIFIERS_HELP);
	return wrong;
}

/*
 * Whether it is energy, as named by perf (energy-pkg), or by libpfm4 and PAPI (RAPL_ENERGY_PKG,
 * rapl::...).
 */
static bool is_energy(const char *name)
{
	return strncasecmp(name, "energy-", 7) == 0 || strcasecmp(name, "energy") == 0 ||
	       strncasecmp(name, "rapl", 4) == 0 || strcasecmp(name, "power") == 0;
}

bool event_explain_elsewhere(const struct event_spec *spec)
{
	/* Registers that the PMU msr counts: Documentation/admin-guide/perf and events/msr.c. */
	static const char *const registers[] = {"tsc", "aperf", "mperf", "pperf", "irperf", "smi"};

	if (is_energy(spec->name)) {
		log_error("event \"%s\": energy is the machine's, not a process's: the plugin "
		          "rapl measures it, which is on unless --plugins leaves it out",
		          spec->text);
		return true;
	}
	for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
		if (strcasecmp(spec->name, registers[i]) == 0) {
			log_error("event \"%s\" is not known; did you mean msr/%s/?", spec->text,
			          registers[i]);
			return true;
		}
	}
	return false;
}

int event_explain_unknown(const struct event_context *context, const struct event_spec *spec,
                          enum libpfm_answer answer, const char *why)
{
	const char *obstacle = tracepoint_obstacle(context->sysroot, spec->name);
	char nearest[SUGGEST_MAX + 1];
	int err;

	if (has_wrong_modifier(spec) || event_explain_elsewhere(spec))
		return -EINVAL;
	if (answer == LIBPFM_BAD_ATTRIBUTE) {
		return log_errno(
			-EINVAL,
			"event \"%s\": libpfm4 knows the event, but not what follows it: %s",
			spec->text, why);
	}
	err = find_nearest(context, spec->name, nearest, sizeof(nearest));
	if (err)
		return err;
	if (*nearest)
		log_error("event \"%s\" is not known; did you mean %s?", spec->text, nearest);
	else if (answer == LIBPFM_ABSENT)
		log_error("event \"%s\" is not known. If it is a name of libpfm4, install that "
		          "library (apt install libpfm4): %s%s%s",
		          spec->text, context->libpfm.why,
		          obstacle ? "\nIf it is a tracepoint: " : "", obstacle ? obstacle : "");
	else if (obstacle)
		log_error("event \"%s\" is not known, nor does libpfm4 have it for this CPU. If "
		          "it is a tracepoint: %s",
		          spec->text, obstacle);
	else
		log_error("event \"%s\" is not known, nor does libpfm4 have it for this CPU\n"
		          "'alumet-agent doctor' lists events",
		          spec->text);
	return -EINVAL;
}

int event_explain_uncore(const struct event_spec *spec, const struct pmu *pmu)
{
	return log_errno(
		-EOPNOTSUPP,
		"event \"%s\": the PMU %s counts for several CPUs at once, whatever runs on "
		"them, so its counts belong to no process; %s",
		spec->text, pmu->name,
		strcmp(pmu->name, "power") == 0 ? "the plugin rapl measures energy"
						: "perf stat -a counts it for the machine");
}

bool event_is_unsupported(int err)
{
	/* EINVAL: for generic events without a code on the PMU, and for codes that it rejects. */
	return err == -ENOENT || err == -EOPNOTSUPP || err == -ENODEV || err == -ENXIO ||
	       err == -EINVAL || err == -ENOSYS;
}

/* Read /proc/sys/kernel/perf_event_paranoid; if that fails, returns mainline's default. */
static int read_paranoid(const char *sysroot)
{
	char text[16], *end;
	long paranoid;

	if (text_file_read(sysroot, "proc/sys/kernel/perf_event_paranoid", text, sizeof(text)))
		return 2;
	paranoid = strtol(text, &end, 10);
	return end == text ? 2 : (int)paranoid;
}

static void explain_permission(const struct event_context *context, const struct event *event)
{
	const int paranoid = read_paranoid(context->sysroot);
	char program[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);

	program[n > 0 ? n : 0] = '\0';
	if (!user_namespace_is_initial())
		log_error("event \"%s\": not permitted: " USER_NAMESPACE_REASON
		          "\n" USER_NAMESPACE_REMEDY,
		          event->text);
	else if (!capability_is_effective(CAP_PERFMON) && !capability_is_effective(CAP_SYS_ADMIN))
		log_error("event \"%s\": not permitted (kernel.perf_event_paranoid is %d): the "
		          "capability CAP_PERFMON is missing\n"
		          "grant it once with: sudo setcap cap_bpf,cap_perfmon=ep %s\n"
		          "or run as root",
		          event->text, paranoid, n > 0 ? program : "alumet-agent");
	else if (paranoid >= 3 && !capability_is_effective(CAP_SYS_ADMIN))
		log_error("event \"%s\": not permitted, although CAP_PERFMON is there: this "
		          "kernel wants more while kernel.perf_event_paranoid is %d. Run as root, "
		          "or\nsudo sysctl kernel.perf_event_paranoid=2",
		          event->text, paranoid);
	else
		log_error("event \"%s\": not permitted, although the agent has the capability: a "
		          "container's seccomp profile, SELinux or lockdown forbids "
		          "perf_event_open(2)",
		          event->text);
}

static void explain_not_kept(const struct event *event)
{
	const char *why, *remedy;

	if (field_is_missing(event->field, PROC, &why, &remedy))
		log_error("event \"%s\": %s%s%s", event->text, why, remedy ? "\n" : "",
		          remedy ? remedy : "");
}

static void explain_unsupported(const struct event_context *context, const struct event *event,
                                int err)
{
	const struct event_instance *instance = &event->instances[0];
	const struct perf_event_attr *attr = &instance->attr;
	const bool is_cpu = attr->type == PERF_TYPE_HARDWARE || attr->type == PERF_TYPE_HW_CACHE ||
	                    attr->type == PERF_TYPE_RAW;

	if (err == -ENOSYS)
		log_error("event \"%s\": this kernel has no perf events (CONFIG_PERF_EVENTS)",
		          event->text);
	else if (is_cpu && context->has_pmus && pmu_count_cores(&context->pmus) == 0)
		log_error("event \"%s\": this machine has no hardware counters: the kernel found "
		          "no PMU of the CPU. A virtual machine gets one from its host (KVM: "
		          "-cpu host); software events such as page-faults work without",
		          event->text);
	else if (err == -EINVAL && !is_cpu && attr->type > PERF_TYPE_BREAKPOINT &&
	         (attr->exclude_user || attr->exclude_kernel))
		log_error(
			"event \"%s\": the PMU %s does not take the event; it may not distinguish "
			"user space and kernel: try without the modifier",
			event->text, instance->pmu ? instance->pmu : "");
	else
		log_error("event \"%s\": this CPU%s%s cannot count it (%s)\n'alumet-agent doctor' "
		          "shows which events it can",
		          event->text, instance->pmu ? "'s PMU " : "",
		          instance->pmu ? instance->pmu : "", strerror(-err));
}

int event_explain_open(const struct event_context *context, const struct event *event, int err)
{
	if (err == -EACCES || err == -EPERM) {
		explain_permission(context, event);
		return err;
	}
	if (event->origin == EVENT_FROM_KERNEL) {
		explain_not_kept(event);
		return err;
	}
	if (event_is_unsupported(err)) {
		explain_unsupported(context, event, err);
		return err == -ENOENT ? err : -EOPNOTSUPP;
	}
	return log_errno(err, "event \"%s\" cannot be opened: %s", event->text, strerror(-err));
}

int event_explain_group(const struct event *events, size_t n, int err)
{
	const char *last = events[n - 1].text;

	if (err == -EXDEV)
		log_error("the group of \"%s\" and \"%s\" counts on different CPUs, so its events "
		          "cannot be counted together",
		          events[0].text, last);
	else
		log_error("the group of \"%s\" ... \"%s\" cannot be counted together (%s): its %zu "
		          "events are more than the PMU has counters, or of different PMUs",
		          events[0].text, last, strerror(-err), n);
	return -EINVAL;
}
