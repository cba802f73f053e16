/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The energy of samples: the weight of each times the price of energy in its interval. The price is
 * known after the end of the interval; until then the sample waits.
 */
#ifndef SOURCES_PERF_PROFILE_PRICING_H
#define SOURCES_PERF_PROFILE_PRICING_H

#include <stdbool.h>

#include "alumet/weights.h"
#include "sources/perf/profile/stacks.h"

struct pricing_sample;

struct pricing {
	const struct weight_plan *plan; /* NULL: this run distributes no energy */
	bool is_time;                   /* weights of samples are in ns, not in cycles */
	uint64_t end_ns;                /* of the last interval with a known price */
	struct pricing_sample *waiting; /* nearly in the order of their times */
	size_t n, capacity;
};

/* plan: the pipeline's, or NULL; unit: of the weights, "ns" or "". */
void pricing_init(struct pricing *pricing, const struct weight_plan *plan, const char *unit);
void pricing_fini(struct pricing *pricing);

/* Add a counted sample; cpu: where it was taken. Returns 0 or -ENOMEM. */
int pricing_add(struct pricing *pricing, struct stacks *stacks, const struct stack_count *sample,
                uint32_t cpu);

/*
 * Price the samples of the interval that has ended. Must be called at least once in each interval.
 * all: at the end of the run, price the later ones, too. Returns 0 or -ENOMEM.
 */
int pricing_settle(struct pricing *pricing, struct stacks *stacks, bool all);

#endif
