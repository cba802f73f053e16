/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An event to count: its text from the user, its metric, and its perf_event_attr. See
 * docs/events.md for the grammar.
 */
#ifndef SOURCES_PERF_EVENTS_EVENT_H
#define SOURCES_PERF_EVENTS_EVENT_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alumet/metric.h"
#include "alumet/setting.h"
#include "linux/cpu_list.h"

struct pmu;

/* Events of a run at most: the room in a task's account, MAX_COUNTERS of bpf/record.h. */
#define EVENTS_MAX 32

/* Who counts. The kernel keeps some values for every task anyway: they need no perf event. */
enum event_origin {
	EVENT_FROM_PERF,
	EVENT_FROM_KERNEL, /* event->field says which: TASK_CLOCK, peak-rss */
};

/* An event on one PMU. A generic event has several if each type of core has its own PMU. */
struct event_instance {
	struct perf_event_attr attr; /* size, type, config*, exclude_*, read_format (times) set */
	char *pmu;                   /* name in sysfs; NULL for the generic types */
	uint32_t *cpus;              /* CPUs that it can be opened on; NULL: every online one */
	size_t n_cpus;
};

/* Whether to open it on the CPU. */
static inline bool event_instance_is_for(const struct event_instance *instance, uint32_t cpu)
{
	const struct cpu_list cpus = {.cpus = instance->cpus, .n = instance->n_cpus};

	return !instance->cpus || cpu_list_has(&cpus, cpu);
}

struct event {
	char *text;   /* as the user wrote it */
	char *metric; /* "perf_hardware_CPU_CYCLES" */
	char *label;  /* short, for the summary: "cycles" as the user wrote it, or its rename */
	enum event_origin origin;
	uint32_t field;          /* of fields.h, if EVENT_FROM_KERNEL */
	const struct unit *unit; /* of the metric; NULL: none, as perf's and Alumet's events */
	bool by_name;            /* requested, not a default: an error if it cannot be opened */
	int group; /* events with the same group >= 0 are adjacent and count together; -1: none */
	struct event_instance *instances; /* none unless EVENT_FROM_PERF */
	size_t n_instances;
};

/* File descriptors that a list keeps open: see events_release(). */
#define EVENTS_HELD 4

struct event_list {
	struct event *events;
	size_t n;
	int held[EVENTS_HELD];
	size_t n_held;
};

enum event_naming { NAMING_CLASSIC, NAMING_FLAT };

/* Free the contents of an event. */
void event_fini(struct event *event);

/*
 * Add an instance. attr: type and config words are set. pmu: its CPUs are copied; NULL: no
 * particular PMU. Returns 0 or -ENOMEM.
 */
int event_add_instance(struct event *event, const struct perf_event_attr *attr,
                       const struct pmu *pmu);

/* The configured events. If no list is set: the defaults. */
struct event_request {
	const struct setting_list *events;          /* Alumet's newer single list, and -e */
	const struct setting_list *hardware_events; /* Alumet v0.9's three lists */
	const struct setting_list *software_events;
	const struct setting_list *cache_events;
	enum event_naming naming;
	const char *sysroot; /* "/" : where sys/ and proc/ are looked up */
};

/*
 * Resolve names to attrs, and try each by opening it once on one of its CPUs.
 * Default events that this machine cannot count are left out, with one warning that names them; if
 * no event is left, the software defaults replace them.
 * Returns 0; -EINVAL for an unknown or malformed event; -ENOENT, -EOPNOTSUPP, -EACCES or -EPERM for
 * a requested event that cannot be opened; -E2BIG for more than EVENTS_MAX; or -ENOMEM. All but
 * -ENOMEM are logged: what, why and what to do.
 */
int events_resolve(const struct event_request *request, struct event_list *list);

/*
 * Split the argument of -e, "cycles,{a,b}:u,cpu/event=1,umask=2/", at the commas between events or
 * groups, into the list, which must be zeroed. In any case, the caller frees the list's items and
 * texts. events_resolve() checks the events themselves. Returns 0; -EINVAL after logging that
 * braces or slashes do not match or an event is missing; or -ENOMEM.
 */
int events_split(const char *text, struct setting_list *list);

/*
 * The kernel enables a software event when the first one is opened, and disables it when the last
 * one is closed, which takes a tenth of a millisecond each. So events_resolve() keeps some open
 * that it has tried: call this once the run has opened its own. events_free() does so, too.
 */
void events_release(struct event_list *list);

/* Free what events_resolve() made; the list may be used again. Takes a zeroed list, too. */
void events_free(struct event_list *list);

#endif
