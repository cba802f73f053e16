/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The events that have a name everywhere: Alumet's names and those of perf stat, for the kernel's
 * generic hardware, software and cache events (enum perf_hw_id, perf_sw_ids, perf_hw_cache_* of
 * linux/perf_event.h), and what the kernel keeps of each process (fields.h). Case does not matter.
 */
#ifndef PERF_ALIAS_H
#define PERF_ALIAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sources/perf/events/event.h"

#define ALIAS_NAME_SIZE 32

/* In the place of a perf type: a field of processes (fields.h), which perf does not know. */
#define ALIAS_OF_PROCESS UINT32_MAX

/* What a name stands for. */
struct alias {
	uint32_t type;   /* PERF_TYPE_HARDWARE, _SOFTWARE, _HW_CACHE, or ALIAS_OF_PROCESS */
	uint64_t config; /* as of perf_event_attr; 0 if ALIAS_OF_PROCESS */
	enum event_origin origin;   /* who counts it */
	uint32_t field;             /* of fields.h, if EVENT_FROM_KERNEL */
	char name[ALIAS_NAME_SIZE]; /* Alumet's: "CPU_CYCLES", "LL_READ_MISS"; "peak-rss" */
};

/* Look a name up; "LLC-load-misses" and "LL_READ_MISS" give the same. */
bool alias_find(const char *name, struct alias *alias);

/*
 * Why an event that perf stat knows by this name cannot be counted per process, in words to follow
 * "event NAME"; NULL when it is none of those.
 */
const char *alias_refusal(const char *name);

/*
 * Call visit with every event and perf's names for it, ended by NULL: the one that perf list shows
 * is the first. Ends early, and returns what visit returned, when that is not 0.
 */
typedef int alias_visitor(void *data, const struct alias *alias, const char *const *perf_names);
int alias_each(alias_visitor *visit, void *data);

#endif
