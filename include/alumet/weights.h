/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Weights: how much each process used the CPUs, and how much all tasks did. A quantity that is
 * known only as a total (energy) is divided by them.
 *
 * A transform that needs weights plans them in its open(), and hands the plan to the pipeline with
 * pipeline_plan_weights(). A source that follows processes, opened after it, looks for a plan in
 * its open(), sets what it provides, and pushes points of these internal metrics at each sample:
 *
 *	process_weight  of one process in one group of CPUs, u64, since the sample before. Consumer:
 *	                the process. Resource: RESOURCE_CPU_PACKAGE, the id being the group.
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

/* Groups of CPUs at most. */
#define WEIGHT_GROUPS_MAX 8

/* A factor of 1. */
#define WEIGHT_FACTOR_ONE 65536U

/* Events of the plan, besides those of -e. */
#define WEIGHT_AUTO "auto"         /* unhalted cycles, else CPU time */
#define WEIGHT_CPU_TIME "cpu-time" /* no event */

/*
 * The costs in a window, by group of CPUs: joules that were distributed over what ran there, for
 * each unit of weight and for each ns that a CPU of the group was busy. 0 if nothing ran.
 */
struct weight_price {
	uint64_t end_ns; /* of the window, CLOCK_MONOTONIC; 0: none has ended */
	double per_weight[WEIGHT_GROUPS_MAX], per_busy_ns[WEIGHT_GROUPS_MAX];
};

struct weight_plan {
	/* Set by the transform; it owns them, and they outlive the source. */
	const char *event;
	uint32_t n_cpus;         /* the highest possible CPU number + 1 */
	uint32_t n_groups;       /* of CPUs, WEIGHT_GROUPS_MAX at most */
	const uint8_t *groups;   /* by CPU number: its group */
	const uint32_t *factors; /* by CPU number: factor of its weights from the next sample on */
	bool wants_misses;
	struct weight_price price; /* of the last window, set at its end */

	/* Set by the source. */
	const char
		*provided; /* what the weight is, for the user: "cycles"; NULL: none is provided */
	bool has_misses;   /* the run counts cache misses anyway */
	uint64_t begun_ns; /* CLOCK_MONOTONIC of the start, before the first sample */
	uint64_t weighed_ns; /* of the last sample, or of the start; 0: there was none */
};

#endif
