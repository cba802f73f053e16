/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is known of a process without a perf event: the numbers that the kernel keeps for each task
 * anyway, folded over the threads, and what follows from them. A new one is a line in bpf/fields.h,
 * a line in the table of fields.c, and its name in enum task_field (bpf/record.h).
 */
#ifndef PERF_FIELDS_H
#define PERF_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alumet/life.h"
#include "bpf/record.h"

/* Where the running kernel says what it keeps. */
#define PROC "/proc"

/* Continues enum task_field: what an account has at every switch, or what is computed. */
enum {
	FIELD_CPU_TIME = TASK_FIELDS_N,
	FIELD_WALL_TIME,
	FIELD_CONTEXT_SWITCHES,
	FIELD_MIGRATIONS,
	FIELDS_N,
};

struct process;

struct field {
	const char *name;      /* as -e and lives have it: "peak-rss"; NULL: none of its own */
	const char *perf_name; /* perf stat's name for the same; NULL: none */
	const char *metric;    /* without the unit */
	const struct unit *unit;
	enum life_fold fold; /* over threads, and over processes */
	/* The value at now_ns (CLOCK_MONOTONIC), if it is not simply what was folded. */
	uint64_t (*value)(const struct process *process, uint64_t now_ns);
};

/* Indexed by enum task_field and what continues it. */
extern const struct field process_fields[FIELDS_N];

/*
 * The field of that name, perf's name or metric's name, in any case of letters. Returns false when
 * there is none.
 */
bool field_find(const char *name, uint32_t *field);

/* Before the first thread is folded in: no field has a value. */
void fields_clear(__u64 sum[TASK_FIELDS_N]);

/* Fold one thread's numbers into those of its process. */
void fields_fold(__u64 sum[TASK_FIELDS_N], const __u64 thread[TASK_FIELDS_N]);

/*
 * The value of a process whose sum is up to date; of one that lives, as of now_ns. VALUE_NONE where
 * the kernel keeps none.
 */
struct life_value field_value(const struct process *process, uint32_t field, uint64_t now_ns);

/* Whether the field's value of a living process has to be asked for: no switch brings it. */
bool field_is_asked_for(uint32_t field);

/*
 * Why the running kernel does not keep the field, and what to do about it, as two texts to be put
 * into a message; *remedy may be NULL. Returns false when it does keep it. proc: "/proc", or where a
 * test has laid one out.
 */
bool field_is_missing(uint32_t field, const char *proc, const char **why, const char **remedy);

#endif
