/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Weights: what each process used of the CPUs, and what everybody used, as a measure by which
 * something that is only known for all of them together (energy) can be shared out.
 *
 * A transform that needs weights plans them in its open(), and hands the plan to the pipeline with
 * pipeline_plan_weights(). A source that follows processes, opened after it, looks for a plan in its
 * open(), sets what it provides, and pushes points of these internal metrics at each sample:
 *
 *	process_weight  of one process in one group of CPUs, u64, since the sample before. Consumer:
 *	                the process. Resource: RESOURCE_CPU_PACKAGE, the id being the group's number.
 *	cpu_weight      of everything that ran on one CPU, u64, since the sample before. Resource:
 *	                RESOURCE_CPU_CORE, the id being the CPU's number.
 *	cpu_busy_time   ns of that CPU not idle, likewise
 *	process_misses, cpu_misses
 *	                the same as the two weights, of cache misses, when has_misses is set
 *
 * What is 0 has no point. The weights of the processes in a group add up to at most the weights of
 * its CPUs, but for what ran in the microseconds between the two readings.
 */
#ifndef ALUMET_WEIGHTS_H
#define ALUMET_WEIGHTS_H

#include <stdbool.h>
#include <stdint.h>

#define METRIC_PROCESS_WEIGHT "process_weight"
#define METRIC_CPU_WEIGHT "cpu_weight"
#define METRIC_CPU_BUSY_TIME "cpu_busy_time"
#define METRIC_PROCESS_MISSES "process_misses"
#define METRIC_CPU_MISSES "cpu_misses"

/* Most groups of CPUs. */
#define WEIGHT_GROUPS_MAX 8

/* A factor of 1. */
#define WEIGHT_FACTOR_ONE 65536U

/* Events as the plan may name them beside those that -e knows. */
#define WEIGHT_AUTO "auto"         /* unhalted cycles, else CPU time */
#define WEIGHT_CPU_TIME "cpu-time" /* no event */

struct weight_plan {
	/* Set by the transform; it owns them, and they outlive the source. */
	const char *event;
	uint32_t n_cpus;         /* the highest possible CPU number + 1 */
	uint32_t n_groups;       /* of CPUs, WEIGHT_GROUPS_MAX at most */
	const uint8_t *groups;   /* by CPU number: which group it belongs to */
	const uint32_t *factors; /* by CPU number: what its weights count from the next sample on */
	bool wants_misses;

	/* Set by the source. */
	const char
		*provided; /* what the weight is, for the user: "cycles"; NULL: none is provided */
	bool has_misses;   /* the run counts cache misses anyway */
};

#endif
