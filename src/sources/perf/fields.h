/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Values of a process that need no perf event: numbers that the kernel keeps for each task anyway,
 * folded over the threads, and values computed from them. A new one is a line in bpf/fields.h, a
 * line in the table of fields.c, and its name in enum task_field (bpf/record.h).
 */
#ifndef SOURCES_PERF_FIELDS_H
#define SOURCES_PERF_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alumet/life.h"
#include "bpf/record.h"

/* Where field_is_missing() looks for what the running kernel keeps. */
#define PROC "/proc"

/* Continues enum task_field: values that an account has at every switch, or that are computed. */
enum {
	FIELD_CPU_TIME = TASK_FIELDS_N,
	FIELD_WALL_TIME,
	FIELD_CONTEXT_SWITCHES,
	FIELD_MIGRATIONS,
	FIELDS_N,
};

struct process;

struct field {
	const char *name;      /* as in -e and in lives: "peak-rss"; NULL: none */
	const char *perf_name; /* perf stat's name for the same; NULL: none */
	const char *metric;    /* without the unit */
	const struct unit *unit;
	enum life_fold fold; /* over threads, and over processes */
	/* Computes the value at now_ns (CLOCK_MONOTONIC); NULL: it is the folded number. */
	uint64_t (*value)(const struct process *process, uint64_t now_ns);
};

/* Indexed by enum task_field and its continuation. */
extern const struct field process_fields[FIELDS_N];

/*
 * Find a field by its name, perf's name, or the name of its metric, ignoring case. Returns false if
 * there is none.
 */
bool field_find(const char *name, uint32_t *field);

/* Clear all fields before the first thread is folded in: none has a value. */
void fields_clear(__u64 sum[TASK_FIELDS_N]);

/* Fold one thread's numbers into those of its process. */
void fields_fold(__u64 sum[TASK_FIELDS_N], const __u64 thread[TASK_FIELDS_N]);

/*
 * The value of a process whose sum is up to date; for a living process at now_ns. VALUE_NONE if the
 * kernel has no value.
 */
struct life_value field_value(const struct process *process, uint32_t field, uint64_t now_ns);

/*
 * The field's value is in a row: that of a later one is not lower, although the sum that it is
 * computed from may say so.
 */
void fields_shown(struct process *process, uint32_t field);

/*
 * Whether the value of a living process has to be read from the kernel, because no switch updates
 * it.
 */
bool field_is_asked_for(uint32_t field);

/*
 * Why the running kernel does not keep the field, and what to do about it, as two texts for a
 * message; *remedy may be NULL. Returns false if it does keep it. proc: "/proc", except in tests.
 */
bool field_is_missing(uint32_t field, const char *proc, const char **why, const char **remedy);

#endif
