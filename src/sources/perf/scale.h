/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Scales counts: what an event would have counted with a hardware counter all the time. */
#ifndef SOURCES_PERF_SCALE_H
#define SOURCES_PERF_SCALE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/record.h"

struct scaled {
	bool has_value;     /* false: none of the counters ever ran */
	uint64_t value;     /* the sum over the counters */
	double share;       /* of the time enabled in which it was counted, 0 to 1 */
	uint64_t estimated; /* by how much it may be wrong: scale_estimated(); 0 from scale_sum() */
};

/*
 * Sum n counters of one event (one per PMU), each scaled by its own times as perf stat does: count
 * × enabled ÷ running, rounded; as_counted: not scaled. A counter that was never enabled, because
 * no task ran on its PMU's CPUs, adds nothing. For the time of one that was enabled
 * and never ran, the rate of the others stands in.
 */
struct scaled scale_sum(const struct counter *counters, size_t n, bool as_counted);

/*
 * By how much that sum may be wrong, because slices began unseen whose counts are a share by time;
 * estimated: the same of each counter's own count.
 */
uint64_t scale_estimated(const struct counter *counters, const __u64 *estimated, size_t n,
                         bool as_counted);

#endif
