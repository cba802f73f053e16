/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Event names that are the same on every machine: those of Alumet and of perf stat, for the
 * kernel's generic hardware, software and cache events (enum perf_hw_id, perf_sw_ids,
 * perf_hw_cache_* of linux/perf_event.h), and for values that the kernel keeps for each process
 * (fields.h). Case is ignored.
 */
#ifndef SOURCES_PERF_EVENTS_ALIAS_H
#define SOURCES_PERF_EVENTS_ALIAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sources/perf/events/event.h"

#define ALIAS_NAME_SIZE 32

/* Instead of a perf type: a field of processes (fields.h), which is not a perf event. */
#define ALIAS_OF_PROCESS UINT32_MAX

/* What a name stands for. */
struct alias {
	uint32_t type;   /* PERF_TYPE_HARDWARE, _SOFTWARE, _HW_CACHE, or ALIAS_OF_PROCESS */
	uint64_t config; /* as in perf_event_attr; 0 if ALIAS_OF_PROCESS */
	enum event_origin origin;   /* who counts it */
	uint32_t field;             /* of fields.h, if EVENT_FROM_KERNEL */
	char name[ALIAS_NAME_SIZE]; /* Alumet's: "CPU_CYCLES", "LL_READ_MISS"; "peak-rss" */
};

/*
 * Look up a name; "LLC-load-misses" and "LL_READ_MISS" give the same. Returns false if it is
 * unknown.
 */
bool alias_find(const char *name, struct alias *alias);

/*
 * Why an event that perf stat knows by this name cannot be counted per process, as text that
 * follows "event NAME"; NULL for all other names.
 */
const char *alias_refusal(const char *name);

/*
 * Call visit with every event and perf's names for it, which end with NULL; the first one is that
 * of perf list. Stops if visit returns non-zero, and returns that.
 */
typedef int alias_visitor(void *data, const struct alias *alias, const char *const *perf_names);
int alias_each(alias_visitor *visit, void *data);

#endif
