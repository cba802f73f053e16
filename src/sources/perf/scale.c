/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/scale.h"

/* count × enabled needs more than 64 bits after a minute of a fast counter. */
static uint64_t scale(const struct counter *counter, uint64_t count, bool as_counted)
{
	unsigned __int128 product = (unsigned __int128)count * counter->enabled_ns;

	if (as_counted || counter->running_ns >= counter->enabled_ns)
		return count;
	return (uint64_t)((product + counter->running_ns / 2) / counter->running_ns);
}

struct scaled scale_sum(const struct counter *counters, size_t n, bool as_counted)
{
	struct scaled sum = {.share = 1.0};
	uint64_t enabled_ns = 0, running_ns = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		const struct counter *counter = &counters[i];

		enabled_ns += counter->enabled_ns;
		running_ns += counter->running_ns;
		if (!counter->running_ns)
			continue;
		sum.has_value = true;
		sum.value += scale(counter, counter->count, as_counted);
	}
	if (running_ns < enabled_ns)
		sum.share = (double)running_ns / (double)enabled_ns;
	return sum;
}

uint64_t scale_estimated(const struct counter *counters, const __u64 *estimated, size_t n,
                         bool as_counted)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (counters[i].running_ns)
			sum += scale(&counters[i], estimated[i], as_counted);
	}
	return sum;
}
