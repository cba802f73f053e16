/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A point: one measurement. Sources make points, transforms read and add points, outputs write
 * them. Besides points, only lives (life.h) pass through the pipeline.
 */
#ifndef ALUMET_POINT_H
#define ALUMET_POINT_H

#include <stddef.h>
#include <stdint.h>

#include "alumet/resource.h"

enum value_type {
	VALUE_U64,
	VALUE_F64,
	VALUE_NONE, /* measured, but without a number: an event that never got a counter */
};

/* The rank of a process in a parallel job, as its launcher wrote it, with its NUL. */
#define RANK_SIZE 24

/* An addition to a point. The text may contain any byte, and need not be NUL-terminated. */
struct attribute {
	const char *key; /* a string that outlives the pipeline: a literal */
	const char *text;
	size_t length;
};

struct point {
	uint32_t metric;  /* an id from metric_register() */
	uint64_t time_ns; /* CLOCK_REALTIME, since the epoch; see core/clock.h */
	enum value_type type;
	union {
		uint64_t u64;
		double f64;
	} value;
	enum resource_kind resource_kind;
	uint32_t resource_id;
	const char *resource_text; /* the id, for kinds that have a text; else NULL */
	enum consumer_kind consumer_kind;
	uint32_t consumer_id;
	const char *consumer_text;  /* the same */
	uint64_t consumer_start_ns; /* of a process: completes its key (life.h); 0: unknown */
	/* Of a process: the number of its life, if rows distinguish lives; else 0. */
	uint32_t consumer_life;
	const char *consumer_rank; /* of a process: the attribute rank; "" or NULL: none */
	size_t n_attributes;
	const struct attribute *attributes; /* in any order; outputs sort by key */
};

#endif
