/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Scaling of multiplexed counters, on a fake clock: an event that counts at a known rate and has a
 * hardware counter for part of the time only.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "sources/perf/scale.h"
#include "unit/random_numbers.h"

#define MS 1000000ULL

static void a_counter_that_always_ran_is_as_it_is(void **state)
{
	const struct counter counter = {.count = 12345, .enabled_ns = 10, .running_ns = 10};
	struct scaled scaled = scale_sum(&counter, 1, false);

	assert_true(scaled.has_value);
	assert_int_equal(scaled.value, 12345);
	assert_true(scaled.share == 1.0);
}

static void a_counter_that_never_ran_has_no_value(void **state)
{
	const struct counter counter = {.count = 0, .enabled_ns = 10 * MS, .running_ns = 0};
	struct scaled scaled = scale_sum(&counter, 1, false);

	assert_false(scaled.has_value);
	assert_true(scaled.share == 0.0);
}

/* A process that never ran on this PMU's CPUs: 0 of nothing is not a share. */
static void a_counter_that_was_never_enabled_has_no_value_and_nothing_missing(void **state)
{
	const struct counter counter = {0};
	struct scaled scaled = scale_sum(&counter, 1, false);

	assert_false(scaled.has_value);
	assert_true(scaled.share == 1.0);
}

static void half_the_time_is_twice_the_count(void **state)
{
	const struct counter counter = {.count = 500, .enabled_ns = 8 * MS, .running_ns = 4 * MS};
	struct scaled scaled = scale_sum(&counter, 1, false);

	assert_int_equal(scaled.value, 1000);
	assert_true(scaled.share == 0.5);
}

static void as_counted_nothing_is_scaled_and_the_share_is_told(void **state)
{
	const struct counter pmus[] = {
		{.count = 500, .enabled_ns = 8 * MS, .running_ns = 4 * MS},
		{.count = 30, .enabled_ns = 8 * MS, .running_ns = 8 * MS},
	};
	struct scaled scaled = scale_sum(pmus, 2, true);

	assert_int_equal(scaled.value, 530);
	assert_true(scaled.share == 0.75);
}

static void values_are_rounded_not_cut(void **state)
{
	const struct counter up = {.count = 1, .enabled_ns = 5, .running_ns = 3};
	const struct counter down = {.count = 1, .enabled_ns = 4, .running_ns = 3};

	assert_int_equal(scale_sum(&up, 1, false).value, 2);
	assert_int_equal(scale_sum(&down, 1, false).value, 1);
}

/* A day of a counter at 10 GHz, a third of it counted: the product has 97 bits. */
static void long_runs_of_fast_counters_do_not_overflow(void **state)
{
	const uint64_t day_ns = 86400000 * MS;
	const struct counter counter = {
		.count = 10 * day_ns,
		.enabled_ns = 3 * day_ns,
		.running_ns = day_ns,
	};

	assert_int_equal(scale_sum(&counter, 1, false).value, 30 * day_ns);
}

static void pmus_are_scaled_each_by_its_own_times(void **state)
{
	const struct counter pmus[] = {
		{.count = 100, .enabled_ns = 10 * MS, .running_ns = 10 * MS},
		{.count = 100, .enabled_ns = 30 * MS, .running_ns = 10 * MS},
		{0}, /* a kind of core that it never ran on */
	};
	struct scaled scaled = scale_sum(pmus, 3, false);

	assert_int_equal(scaled.value, 100 + 300);
	assert_true(fabs(scaled.share - 0.5) < 1e-12);
}

/* On the second kind of core there was no hardware counter for it: 30 ms at the rate of 10. */
static void where_a_pmu_never_ran_the_rate_of_the_others_stands_in(void **state)
{
	const struct counter pmus[] = {
		{.count = 50, .enabled_ns = 10 * MS, .running_ns = 5 * MS},
		{.count = 0, .enabled_ns = 30 * MS, .running_ns = 0},
		{0}, /* a kind of core that it never ran on */
	};
	static const __u64 estimated[] = {10, 0, 0};
	struct scaled scaled = scale_sum(pmus, 3, false);

	assert_true(scaled.has_value);
	assert_int_equal(scaled.value, 400);
	assert_true(scaled.share == 0.125);
	assert_int_equal(scale_estimated(pmus, estimated, 3, false), 80);
	assert_int_equal(scale_sum(pmus, 3, true).value, 50);
	assert_int_equal(scale_estimated(pmus, estimated, 3, true), 10);
}

/*
 * Six events of known rates on two counters that rotate every 4 ms; the process runs in slices of
 * 1 to 3 ms. A slice alone tells nothing of the most events, the sums tell all.
 */
static void sums_over_slices_tell_the_rate_that_no_slice_tells(void **state)
{
	enum { EVENTS = 6, COUNTERS = 2 };
	struct counter sums[EVENTS] = {0};
	uint64_t total_us = 0;

	for (uint64_t now_us = 0; now_us < 20000000;) {
		const uint64_t random = random_u64(), end_us = now_us + 1000 + random % 2000;

		for (; now_us < end_us; now_us++, total_us++) {
			for (uint64_t i = 0; i < EVENTS; i++) {
				bool on = (now_us / 4000 + EVENTS - i) % EVENTS < COUNTERS;

				sums[i].enabled_ns += 1000;
				sums[i].running_ns += on ? 1000 : 0;
				sums[i].count += on ? 100 * (i + 1) : 0;
			}
		}
		now_us += random % 3000; /* somebody else runs */
	}
	for (uint64_t i = 0; i < EVENTS; i++) {
		struct scaled scaled = scale_sum(&sums[i], 1, false);
		double expected = 100.0 * (double)(i + 1) * (double)total_us;

		assert_true(fabs((double)scaled.value / expected - 1) < 1e-9);
		assert_true(fabs(scaled.share - (double)COUNTERS / EVENTS) < 0.02);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_counter_that_always_ran_is_as_it_is),
		cmocka_unit_test(a_counter_that_never_ran_has_no_value),
		cmocka_unit_test(a_counter_that_was_never_enabled_has_no_value_and_nothing_missing),
		cmocka_unit_test(half_the_time_is_twice_the_count),
		cmocka_unit_test(as_counted_nothing_is_scaled_and_the_share_is_told),
		cmocka_unit_test(values_are_rounded_not_cut),
		cmocka_unit_test(long_runs_of_fast_counters_do_not_overflow),
		cmocka_unit_test(pmus_are_scaled_each_by_its_own_times),
		cmocka_unit_test(where_a_pmu_never_ran_the_rate_of_the_others_stands_in),
		cmocka_unit_test(sums_over_slices_tell_the_rate_that_no_slice_tells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
