/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A life: what is known of one process of the traced tree, from its start to its end. A source that
 * follows processes pushes one life for each with pipeline_push_life(); lives travel through the
 * pipeline as points do, to every transform and output.
 */
#ifndef ALUMET_LIFE_H
#define ALUMET_LIFE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alumet/metric.h"
#include "alumet/point.h"

/* A process, told apart from others that had or will have its pid by the time it started. */
struct process_key {
	uint32_t pid;      /* as the agent's pid namespace numbers it */
	uint64_t start_ns; /* CLOCK_MONOTONIC as the kernel keeps it in task->start_time */
};

/* How the values of several processes make the value of all of them. */
enum life_fold {
	LIFE_FOLD_SUM,
	LIFE_FOLD_MAX,
	LIFE_FOLD_LAST, /* of the process that ended last */
};

/* A field that has no metric of its own: its values are in lives only. */
#define LIFE_NO_METRIC UINT32_MAX

/* One value that every life has, added with pipeline_add_life_field() in open(). */
struct life_field {
	const char *name; /* as -e has it: "peak-rss", "page-faults", "attributed-energy" */
	uint32_t metric;  /* an id of metric_register(), or LIFE_NO_METRIC */
	const struct unit *unit;
	enum life_fold fold;
	bool requested; /* asked for by name: it has rows of its own, and a column in tables */
};

/* All fields of a run, fixed before it begins. Values of a life are indexed as the fields are. */
struct life_schema {
	size_t n;
	const struct life_field *fields;
};

/* The value of one field; type is VALUE_NONE when there is none. */
struct life_value {
	enum value_type type;
	union {
		uint64_t u64;
		double f64;
	};
};

struct life {
	struct process_key key;
	struct process_key parent; /* at creation; pid 0 when it is not of the traced tree */
	uint32_t number;           /* 1: the first life of this pid in the run; 2: the next, … */
	bool is_root;              /* the traced command itself */
	bool ended;                /* false: it outlived the run */
	bool executed;             /* it called execve() at least once */
	bool status_hidden;        /* how it ended is not to be told: another user's program */
	int wait_status;           /* as waitpid() gives it; meaningless unless ended and told */
	bool oom_killed;           /* the kernel's out-of-memory killer ended it; likewise */
	uint64_t begin_ns, end_ns; /* CLOCK_MONOTONIC: first counted, last counted */
	const char *comm;          /* at its end; any bytes, NUL-terminated */
	const char *exe;           /* path as given to execve(); "" when not known */
	const char *args;          /* of the last exec, each ended by a NUL; NULL: not known */
	size_t args_length;
	bool args_cut;             /* there were more than args has */
	uint32_t threads;          /* how many it ever had */
	uint32_t execs;            /* successful execve() calls; 0 also when they are not counted */
	struct life_value *values; /* as many as the schema has fields */
};

/* The index of a field in the schema, or -1 when no field has that name. */
int life_field_index(const struct life_schema *schema, const char *name);

#endif
