/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An event to be counted: what the user called it, the metric that it becomes, and how the kernel
 * is asked for it. See docs/events.md for the grammar.
 */
#ifndef PERF_EVENT_H
#define PERF_EVENT_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alumet/metric.h"
#include "alumet/setting.h"
#include "linux/cpu_list.h"

/* Most events of one run: the room in a task's entry in the kernel, MAX_EVENTS of record.h. */
#define EVENTS_MAX 32

/* Who counts. The kernel keeps some numbers for every task itself: they need no perf event. */
enum event_origin {
	EVENT_FROM_PERF,
	EVENT_FROM_KERNEL, /* event->field tells which: TASK_CLOCK, peak-rss */
};

/* An event on one PMU. A generic event has several where core types have PMUs of their own. */
struct event_instance {
	struct perf_event_attr attr; /* size, type, config*, exclude_*, read_format (times) set */
	char *pmu;                   /* name in sysfs; NULL for the generic types */
	uint32_t *cpus;              /* CPUs that it can be opened on; NULL: every online one */
	size_t n_cpus;
};

/* Whether it is to be opened on the CPU. */
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
	bool by_name;            /* asked for, not a default: an error when it cannot be opened */
	int group; /* events of the same group >= 0 stand side by side and count together; -1 */
	struct event_instance *instances; /* none unless EVENT_FROM_PERF */
	size_t n_instances;
};

struct event_list {
	struct event *events;
	size_t n;
};

enum event_naming { NAMING_CLASSIC, NAMING_FLAT };

/* What the configuration asks for. All lists unset: the defaults. */
struct event_request {
	const struct setting_list *events;          /* Alumet's newer single list, and -e */
	const struct setting_list *hardware_events; /* Alumet v0.9's three lists */
	const struct setting_list *software_events;
	const struct setting_list *cache_events;
	enum event_naming naming;
	const char *sysroot; /* "/" : where sys/ and proc/ are looked up */
};

/*
 * Resolve names to attrs and try each by opening it once on a CPU that it is for.
 * Default events that this machine cannot count are left out with one warning that names them; when
 * no hardware event is left, the software defaults take their place.
 * Returns 0; -EINVAL for an event that is not known or not well written, -ENOENT, -EOPNOTSUPP,
 * -EACCES, -EPERM for one by name that cannot be opened, -E2BIG for more than EVENTS_MAX, -ENOMEM.
 * Except for -ENOMEM the user has been told what, why and what to do.
 */
int events_resolve(const struct event_request *request, struct event_list *list);

/*
 * Split what follows -e, "cycles,{a,b}:u,cpu/event=1,umask=2/", at the commas that separate events
 * or groups, into the list (zeroed before the call), whose items and texts the caller frees in any
 * case. Whether such events exist, and how they are written, is events_resolve()'s business.
 * Returns 0, -EINVAL after telling the user that braces or slashes do not match or an event is
 * missing, -ENOMEM.
 */
int events_split(const char *text, struct setting_list *list);

/* Frees what events_resolve() made; the list may be used again. Takes a zeroed list. */
void events_free(struct event_list *list);

#endif
