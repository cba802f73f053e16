/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A point: one measurement. Sources make points, transforms read and add points, outputs write
 * them; nothing else travels through the pipeline.
 */
#ifndef ALUMET_POINT_H
#define ALUMET_POINT_H

#include <stddef.h>
#include <stdint.h>

/* What was measured. The id names an instance; RESOURCE_LOCAL_MACHINE has none. */
enum resource_kind {
	RESOURCE_LOCAL_MACHINE,
	RESOURCE_CPU_PACKAGE,
	RESOURCE_DRAM,
	RESOURCE_CPU_CORE,
};

/* On whose behalf it was consumed. The id is a pid; CONSUMER_LOCAL_MACHINE has none. */
enum consumer_kind {
	CONSUMER_LOCAL_MACHINE,
	CONSUMER_PROCESS,
};

enum value_type {
	VALUE_U64,
	VALUE_F64,
	VALUE_NONE, /* measured, but there is no number: an event that never got a counter */
};

/* A further fact about a point. The text may hold any byte but is not NUL-terminated by contract. */
struct attribute {
	const char *key; /* a string that outlives the pipeline: a literal */
	const char *text;
	size_t length;
};

struct point {
	uint32_t metric;  /* an id given by metric_register() */
	uint64_t time_ns; /* CLOCK_REALTIME, since the epoch; see core/clock.h */
	enum value_type type;
	union {
		uint64_t u64;
		double f64;
	} value;
	enum resource_kind resource_kind;
	uint32_t resource_id;
	enum consumer_kind consumer_kind;
	uint32_t consumer_id;
	size_t n_attributes;
	const struct attribute *attributes; /* in any order; outputs sort by key */
};

#endif
