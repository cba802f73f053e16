/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdbool.h>

#include "transforms/energy/share.h"

#define ROUNDS 20000
#define MOST_OTHERS 40

/* A generator of our own (xorshift64*): the same series on every machine. */
static uint64_t state_of_random = 0x9e3779b97f4a7c15ULL;

static uint64_t any(void)
{
	state_of_random ^= state_of_random >> 12;
	state_of_random ^= state_of_random << 25;
	state_of_random ^= state_of_random >> 27;
	return state_of_random * 0x2545f4914f6cdd1dULL;
}

/* Numbers of all sizes: as many bits as the first draw says, 0 among them. */
static uint64_t any_size(unsigned int most_bits)
{
	const unsigned int bits = (unsigned int)(any() % (most_bits + 1));

	return bits ? any() >> (64 - bits) : 0;
}

struct interval {
	uint64_t energy, idle, total, known;
	uint64_t weights[MOST_OTHERS];
	size_t n;
};

static struct interval any_interval(void)
{
	struct interval interval = {.n = any() % MOST_OTHERS};

	interval.energy = any_size(64);
	interval.idle = any_size(64);
	for (size_t i = 0; i < interval.n; i++) {
		interval.weights[i] = any_size(58);
		interval.known += interval.weights[i];
	}
	/* Mostly more than the processes', as it should be; sometimes less. */
	interval.total = any() % 8 ? interval.known + any_size(62) : any_size(62);
	return interval;
}

static uint64_t divide(const struct interval *interval, uint64_t *parts, bool backwards)
{
	struct energy_share share = energy_share_begin(interval->energy, interval->idle,
	                                               interval->total, interval->known);

	for (size_t i = 0; i < interval->n; i++) {
		const size_t at = backwards ? interval->n - 1 - i : i;

		parts[at] = energy_share_take(&share, interval->weights[at]);
	}
	return energy_share_other(&share);
}

static uint64_t idle_of(const struct interval *interval)
{
	return energy_share_begin(interval->energy, interval->idle, interval->total,
	                          interval->known)
	        .idle;
}

static void parts_add_up_to_the_last_unit(void **state)
{
	for (int round = 0; round < ROUNDS; round++) {
		const struct interval interval = any_interval();
		uint64_t parts[MOST_OTHERS];
		unsigned __int128 sum = divide(&interval, parts, false);

		for (size_t i = 0; i < interval.n; i++)
			sum += parts[i];
		sum += idle_of(&interval);
		assert_true(sum == interval.energy);
	}
}

static void nothing_is_negative(void **state)
{
	for (int round = 0; round < ROUNDS; round++) {
		const struct interval interval = any_interval();
		uint64_t parts[MOST_OTHERS];
		const uint64_t other = divide(&interval, parts, false);

		assert_true(other <= interval.energy);
		assert_true(idle_of(&interval) <= interval.energy);
		for (size_t i = 0; i < interval.n; i++)
			assert_true(parts[i] <= interval.energy - idle_of(&interval));
	}
}

static void order_does_not_matter(void **state)
{
	for (int round = 0; round < ROUNDS; round++) {
		const struct interval interval = any_interval();
		uint64_t forwards[MOST_OTHERS], backwards[MOST_OTHERS];

		assert_true(divide(&interval, forwards, false) ==
		            divide(&interval, backwards, true));
		for (size_t i = 0; i < interval.n; i++)
			assert_true(forwards[i] == backwards[i]);
	}
}

static void no_weight_is_no_energy(void **state)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct interval interval = any_interval();
		uint64_t parts[MOST_OTHERS];

		if (interval.n == 0)
			continue;
		interval.known -= interval.weights[0];
		interval.weights[0] = 0;
		divide(&interval, parts, false);
		assert_true(parts[0] == 0);
	}
}

/* A process in two halves gets what the whole gets, but for the unit that each floor may cut. */
static void splitting_a_process_changes_nothing(void **state)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct interval interval = any_interval();
		uint64_t parts[MOST_OTHERS], whole, cut;

		if (interval.n == 0 || interval.n == MOST_OTHERS)
			continue;
		divide(&interval, parts, false);
		whole = parts[0];
		cut = interval.weights[0] ? any() % (interval.weights[0] + 1) : 0;
		interval.weights[0] -= cut;
		interval.weights[interval.n++] = cut;
		divide(&interval, parts, false);
		assert_true(parts[0] + parts[interval.n - 1] <= whole);
		assert_true(parts[0] + parts[interval.n - 1] + 1 >= whole);
	}
}

/* An interval in k pieces of the same price: each floor may cut a unit. */
static void splitting_an_interval_changes_nothing(void **state)
{
	for (int round = 0; round < ROUNDS; round++) {
		const uint64_t pieces = 1 + any() % 20;
		const uint64_t energy = any_size(40), weight = any_size(30),
			       total = weight + any_size(30);
		const struct interval whole = {.energy = energy * pieces,
		                               .total = total * pieces,
		                               .known = weight * pieces,
		                               .weights = {weight * pieces},
		                               .n = 1};
		const struct interval piece = {.energy = energy,
		                               .total = total,
		                               .known = weight,
		                               .weights = {weight},
		                               .n = 1};
		uint64_t of_whole[MOST_OTHERS], of_piece[MOST_OTHERS];

		divide(&whole, of_whole, false);
		divide(&piece, of_piece, false);
		assert_true(of_piece[0] * pieces <= of_whole[0]);
		assert_true(of_piece[0] * pieces + pieces > of_whole[0]);
	}
}

static void nothing_that_ran_is_idle(void **state)
{
	struct energy_share share = energy_share_begin(1000, 10, 0, 0);

	assert_int_equal(share.idle, 1000);
	assert_int_equal(energy_share_take(&share, 0), 0);
	assert_int_equal(energy_share_other(&share), 0);
}

static void two_to_one_is_two_to_one(void **state)
{
	struct energy_share share = energy_share_begin(1300, 100, 400, 300);

	assert_int_equal(energy_share_take(&share, 200), 600);
	assert_int_equal(energy_share_take(&share, 100), 300);
	assert_int_equal(energy_share_other(&share), 300);
	assert_int_equal(share.idle, 100);
}

/* More than the total that was read a moment before: then nothing is left for others. */
static void more_than_the_total_takes_all(void **state)
{
	struct energy_share share = energy_share_begin(1000, 0, 90, 100);

	assert_int_equal(energy_share_take(&share, 60), 600);
	assert_int_equal(energy_share_take(&share, 40), 400);
	assert_int_equal(energy_share_other(&share), 0);
}

static void products_need_128_bits(void **state)
{
	struct energy_share share =
		energy_share_begin(UINT64_MAX, 0, UINT64_MAX, UINT64_MAX / 2 + 1);

	assert_true(energy_share_take(&share, UINT64_MAX / 2 + 1) == UINT64_MAX / 2 + 1);
}

static void idle_by_time(void **state)
{
	assert_int_equal(energy_idle_by_time(1000, 250, 1000), 250);
	assert_int_equal(energy_idle_by_time(1000, 2000, 1000), 1000);
	assert_int_equal(energy_idle_by_time(999, 1, 2), 499);
	assert_int_equal(energy_idle_by_time(1000, 0, 1000), 0);
}

static void idle_by_power(void **state)
{
	/* 11.2 W for 50 ms are 0.56 J. */
	assert_int_equal(energy_idle_by_power(11.2, 50000000, 1e6), 560000);
	assert_int_equal(energy_idle_by_power(0, 50000000, 1e6), 0);
	assert_true(energy_idle_by_power(1e30, 50000000, 1e6) == UINT64_MAX);
}

static void smt_factor(void **state)
{
	assert_int_equal(energy_smt_factor(1.15, 0, 1000), ENERGY_FACTOR_ONE);
	/* Both threads busy all the time: each counts 0.575, the two 1.15. */
	assert_int_equal(energy_smt_factor(1.15, 1000, 1000), lround(0.575 * ENERGY_FACTOR_ONE));
	assert_int_equal(energy_smt_factor(1.15, 500, 1000), lround(0.7875 * ENERGY_FACTOR_ONE));
	assert_int_equal(energy_smt_factor(2, 1000, 1000), ENERGY_FACTOR_ONE);
	/* A time that is read late may be above the interval's; an interval without time. */
	assert_int_equal(energy_smt_factor(1.15, 5000, 1000), lround(0.575 * ENERGY_FACTOR_ONE));
	assert_int_equal(energy_smt_factor(1.15, 5, 0), ENERGY_FACTOR_ONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_add_up_to_the_last_unit),
		cmocka_unit_test(nothing_is_negative),
		cmocka_unit_test(order_does_not_matter),
		cmocka_unit_test(no_weight_is_no_energy),
		cmocka_unit_test(splitting_a_process_changes_nothing),
		cmocka_unit_test(splitting_an_interval_changes_nothing),
		cmocka_unit_test(nothing_that_ran_is_idle),
		cmocka_unit_test(two_to_one_is_two_to_one),
		cmocka_unit_test(more_than_the_total_takes_all),
		cmocka_unit_test(products_need_128_bits),
		cmocka_unit_test(idle_by_time),
		cmocka_unit_test(idle_by_power),
		cmocka_unit_test(smt_factor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
