/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a counter would have counted, had it had a hardware counter all the time. */
#ifndef PERF_SCALE_H
#define PERF_SCALE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/record.h"

struct scaled {
	bool has_value;     /* false: none of the counters ever ran */
	uint64_t value;     /* the sum over the counters */
	double share;       /* of the time enabled in which it was counted, 0 to 1 */
	uint64_t estimated; /* how much of the value; 0 from scale_sum(), see scale_estimated() */
};

/*
 * Sum n counters of one event (one per PMU), each scaled by its own times as perf stat does: count ×
 * enabled ÷ running, rounded; as_counted: not scaled. A counter that was never enabled, because no
 * task ran on its PMU's CPUs, adds nothing.
 */
struct scaled scale_sum(const struct counter *counters, size_t n, bool as_counted);

/*
 * How much of that sum was not read, but is a share by time of slices that began unseen; estimated: of
 * each counter's own count.
 */
uint64_t scale_estimated(const struct counter *counters, const __u64 *estimated, size_t n,
                         bool as_counted);

#endif
