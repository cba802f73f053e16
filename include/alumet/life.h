/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A life: the summary of one process of the traced tree, from its start to its end. A source that
 * follows processes pushes one life for each with pipeline_push_life(). Like points, lives pass
 * through the pipeline to every transform and output.
 */
#ifndef ALUMET_LIFE_H
#define ALUMET_LIFE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alumet/metric.h"
#include "alumet/point.h"

/* A process; the start time distinguishes it from others with the same pid. */
struct process_key {
	uint32_t pid;      /* in the agent's pid namespace */
	uint64_t start_ns; /* CLOCK_MONOTONIC, as in task->start_time */
};

/* How to combine the values of several processes. */
enum life_fold {
	LIFE_FOLD_SUM,
	LIFE_FOLD_MAX,
	LIFE_FOLD_LAST, /* of the process that ended last */
};

/* A field without a metric: its values are only in lives. */
#define LIFE_NO_METRIC UINT32_MAX

/* A value that every life has, added with pipeline_add_life_field() in open(). */
struct life_field {
	const char *name; /* as in -e: "peak-rss", "page-faults", "attributed-energy" */
	uint32_t metric;  /* an id of metric_register(), or LIFE_NO_METRIC */
	const struct unit *unit;
	enum life_fold fold;
	/*
	 * Requested by name on the command line, as which of several, from 1: it has its own rows
	 * and columns, in that order. 0: not requested.
	 */
	uint32_t requested;
};

/* All fields of a run, fixed before it begins. The values of a life have the same indices. */
struct life_schema {
	size_t n;
	const struct life_field *fields;
};

/* The value of a field; type is VALUE_NONE if there is none. */
struct life_value {
	enum value_type type;
	double estimated; /* by how much the value may be wrong; 0: it is counted */
	union {
		uint64_t u64;
		double f64;
	};
};

struct life {
	struct process_key key;
	struct process_key parent; /* at creation; pid 0 if it is not in the traced tree */
	uint32_t number;           /* 1: the first life of this pid in the run; 2: the next, … */
	bool is_root;              /* the traced command itself */
	bool ended;                /* false: it outlived the run */
	bool executed;             /* it called execve() at least once */
	bool status_hidden;        /* its end is withheld (another user's program), or lost */
	int wait_status; /* as from waitpid(); meaningless unless ended and not hidden */
	bool oom_killed; /* ended by the OOM killer; the same applies */
	uint64_t begin_ns, end_ns; /* CLOCK_MONOTONIC: first counted, last counted */
	const char *comm;          /* at its end; any bytes, NUL-terminated */
	const char *exe;           /* path passed to execve(); "": unknown */
	const char *args;          /* of the last exec, each NUL-terminated; NULL: unknown */
	size_t args_length;
	bool args_cut;             /* args is truncated */
	const char *rank;          /* in a parallel job; "" or NULL: none of its own */
	uint32_t threads;          /* how many it ever had */
	uint32_t execs;            /* successful execve() calls; 0 also if they are not counted */
	struct life_value *values; /* one for each field of the schema */
};

/* The index of a field in the schema, or -1 if there is none with that name. */
int life_field_index(const struct life_schema *schema, const char *name);

#endif
