/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Samples have the price of the interval in which they were taken, whenever that is known. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "sources/perf/profile/pricing.h"

struct fixture {
	struct weight_plan plan;
	uint8_t groups[4];
	struct stacks stacks;
	struct pricing pricing;
};

static int make(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f || stacks_init(&f->stacks))
		return -1;
	f->groups[3] = 1;
	f->plan = (struct weight_plan){
		.n_cpus = 4, .n_groups = 2, .groups = f->groups, .provided = "cycles:uk"};
	*state = f;
	return 0;
}

static int unmake(void **state)
{
	struct fixture *f = *state;

	pricing_fini(&f->pricing);
	stacks_fini(&f->stacks);
	free(f);
	return 0;
}

static void take(struct fixture *f, uint32_t process, uint64_t time_ns, uint64_t weight,
                 uint32_t cpu)
{
	const struct stack_count sample = {
		.process = process, .time_ns = time_ns, .samples = 1, .weight = weight};

	assert_int_equal(stacks_count(&f->stacks, &sample), 0);
	assert_int_equal(pricing_add(&f->pricing, &f->stacks, &sample, cpu), 0);
}

static void end_interval(struct fixture *f, uint64_t end_ns, double ns, double other_ns)
{
	f->plan.price = (struct weight_price){.end_ns = end_ns,
	                                      .per_busy_ns = {ns, other_ns},
	                                      .per_weight = {1000 * ns, 1000 * other_ns}};
	assert_int_equal(pricing_settle(&f->pricing, &f->stacks, false), 0);
}

static double priced(const struct fixture *f, uint32_t process)
{
	double sum = 0;

	for (size_t i = 0; i < f->stacks.n_counts; i++) {
		if (f->stacks.counts[i].process == process)
			sum += f->stacks.counts[i].priced;
	}
	return sum;
}

static void each_interval_has_its_price(void **state)
{
	struct fixture *f = *state;

	pricing_init(&f->pricing, &f->plan, "ns");
	take(f, 0, 10, 5, 0);
	take(f, 1, 20, 7, 1);
	take(f, 0, 110, 5, 0); /* of the next interval, read before the first one's price */
	assert_true(priced(f, 0) == 0);
	end_interval(f, 100, 2, 0);
	assert_true(priced(f, 0) == 10);
	assert_true(priced(f, 1) == 14);
	take(f, 1, 150, 7, 1);
	end_interval(f, 200, 8, 0);
	assert_true(priced(f, 0) == 10 + 40);
	assert_true(priced(f, 1) == 14 + 56);
}

static void each_group_of_cpus_has_its_price(void **state)
{
	struct fixture *f = *state;

	pricing_init(&f->pricing, &f->plan, "ns");
	take(f, 0, 10, 5, 2);
	take(f, 1, 10, 5, 3);
	end_interval(f, 100, 2, 4);
	assert_true(priced(f, 0) == 10);
	assert_true(priced(f, 1) == 20);
}

static void cycles_have_the_price_of_cycles(void **state)
{
	struct fixture *f = *state;

	pricing_init(&f->pricing, &f->plan, "");
	take(f, 0, 10, 5, 0);
	end_interval(f, 100, 2, 4);
	assert_true(priced(f, 0) == 10000);
}

static void the_last_ones_have_the_last_price(void **state)
{
	struct fixture *f = *state;

	pricing_init(&f->pricing, &f->plan, "ns");
	end_interval(f, 100, 2, 0);
	take(f, 0, 110, 5, 0);
	assert_int_equal(pricing_settle(&f->pricing, &f->stacks, false), 0);
	assert_true(priced(f, 0) == 0);
	assert_int_equal(pricing_settle(&f->pricing, &f->stacks, true), 0);
	assert_true(priced(f, 0) == 10);
}

static void without_energy_nothing_waits(void **state)
{
	struct fixture *f = *state;

	pricing_init(&f->pricing, NULL, "ns");
	take(f, 0, 10, 5, 0);
	assert_int_equal(f->pricing.n, 0);
	f->plan.provided = NULL;
	pricing_init(&f->pricing, &f->plan, "ns");
	take(f, 0, 10, 5, 0);
	assert_int_equal(f->pricing.n, 0);
	assert_int_equal(pricing_settle(&f->pricing, &f->stacks, true), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_interval_has_its_price),  TEST(each_group_of_cpus_has_its_price),
		TEST(cycles_have_the_price_of_cycles), TEST(the_last_ones_have_the_last_price),
		TEST(without_energy_nothing_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
