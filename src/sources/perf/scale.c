/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/scale.h"

/* value × whole ÷ part, rounded: needs more than 64 bits after a minute of a fast counter. */
static uint64_t extrapolate(uint64_t value, uint64_t whole, uint64_t part)
{
	if (part >= whole)
		return value;
	return (uint64_t)(((unsigned __int128)value * whole + part / 2) / part);
}

/* known_ns: how long those counters were enabled that ran at all. */
struct sum {
	uint64_t value, enabled_ns, running_ns, known_ns;
};

static void add(struct sum *sum, const struct counter *counter, uint64_t count, bool as_counted)
{
	sum->enabled_ns += counter->enabled_ns;
	sum->running_ns += counter->running_ns;
	if (!counter->running_ns)
		return;
	sum->known_ns += counter->enabled_ns;
	sum->value +=
		as_counted ? count : extrapolate(count, counter->enabled_ns, counter->running_ns);
}

/* A counter that never ran says nothing: for its time the rate of the others stands in. */
static uint64_t total(const struct sum *sum, bool as_counted)
{
	if (as_counted || !sum->known_ns)
		return sum->value;
	return extrapolate(sum->value, sum->enabled_ns, sum->known_ns);
}

struct scaled scale_sum(const struct counter *counters, size_t n, bool as_counted)
{
	struct sum sum = {0};

	for (size_t i = 0; i < n; i++)
		add(&sum, &counters[i], counters[i].count, as_counted);
	return (struct scaled){
		.has_value = sum.running_ns > 0,
		.value = total(&sum, as_counted),
		.share = sum.running_ns < sum.enabled_ns
	                         ? (double)sum.running_ns / (double)sum.enabled_ns
	                         : 1.0,
	};
}

uint64_t scale_estimated(const struct counter *counters, const __u64 *estimated, size_t n,
                         bool as_counted)
{
	struct sum sum = {0};

	for (size_t i = 0; i < n; i++)
		add(&sum, &counters[i], estimated[i], as_counted);
	return total(&sum, as_counted);
}
