/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/profile/pricing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* An interval has some ten samples for each CPU. More are priced with the previous interval. */
#define WAITING_MAX 100000

struct pricing_sample {
	uint32_t process, node;
	uint64_t time_ns, weight;
	uint32_t group;
};

void pricing_init(struct pricing *pricing, const struct weight_plan *plan, const char *unit)
{
	*pricing = (struct pricing){.plan = plan, .is_time = strcmp(unit, "ns") == 0};
}

void pricing_fini(struct pricing *pricing)
{
	free(pricing->waiting);
	*pricing = (struct pricing){.n = 0};
}

/*
 * Where energy is distributed by cycles, cycles have their own price. Weights that are neither time
 * nor cycles (page faults) get the price of time, so that intervals with a high power count more.
 */
static double price_of(const struct pricing *pricing, uint32_t group)
{
	const struct weight_price *price = &pricing->plan->price;
	const char *provided = pricing->plan->provided;
	const bool by_weight = !pricing->is_time && provided && strstr(provided, "cycles");

	return by_weight ? price->per_weight[group] : price->per_busy_ns[group];
}

static int price_sample(const struct pricing *pricing, struct stacks *stacks,
                 const struct pricing_sample *sample)
{
	return stacks_count(stacks, &(struct stack_count){
		.process = sample->process,
		.node = sample->node,
		.time_ns = sample->time_ns,
		.priced = (double)sample->weight * price_of(pricing, sample->group),
	});
}

int pricing_add(struct pricing *pricing, struct stacks *stacks, const struct stack_count *sample,
                uint32_t cpu)
{
	const struct weight_plan *plan = pricing->plan;
	int err = 0;

	if (!plan || !plan->provided || cpu >= plan->n_cpus)
		return 0;
	if (pricing->n == WAITING_MAX)
		err = pricing_settle(pricing, stacks, true);
	if (!err && pricing->n == pricing->capacity) {
		const size_t room = pricing->capacity ? 2 * pricing->capacity : 64;
		struct pricing_sample *grown =
			reallocarray(pricing->waiting, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		pricing->waiting = grown;
		pricing->capacity = room;
	}
	if (err)
		return err;
	pricing->waiting[pricing->n++] = (struct pricing_sample){
		.process = sample->process,
		.node = sample->node,
		.time_ns = sample->time_ns,
		.weight = sample->weight,
		.group = plan->groups[cpu] < WEIGHT_GROUPS_MAX ? plan->groups[cpu] : 0,
	};
	return 0;
}

int pricing_settle(struct pricing *pricing, struct stacks *stacks, bool all)
{
	size_t kept = 0;
	int err = 0;

	if (!pricing->plan || pricing->n == 0 ||
	    (!all && pricing->plan->price.end_ns == pricing->end_ns))
		return 0;
	pricing->end_ns = pricing->plan->price.end_ns;
	for (size_t i = 0; i < pricing->n && !err; i++) {
		const struct pricing_sample *sample = &pricing->waiting[i];

		if (all || sample->time_ns <= pricing->end_ns)
			err = price_sample(pricing, stacks, sample);
		else
			pricing->waiting[kept++] = *sample;
	}
	pricing->n = kept;
	return err;
}
