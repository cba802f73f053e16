/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How often compare is wrong where nothing differs, and how often it finds what was planted. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/verdicts.h"

#define SERIES 2000
#define LINES 21 /* the whole run and 20 commands */
#define RUNS_MAX 60

static double uniform(void)
{
	return (double)random() / ((double)RAND_MAX + 1);
}

/* Nearly normal: mean 0, standard deviation 1. */
static double normal(void)
{
	double sum = 0;

	for (int i = 0; i < 12; i++)
		sum += uniform();
	return sum - 6;
}

/*
 * As run times are: a long tail to the right (chi-squared with 4 degrees of freedom), the same
 * scale.
 */
static double skewed(void)
{
	double sum = 0;

	for (int i = 0; i < 4; i++) {
		const double x = normal();

		sum += x * x;
	}
	return (sum - 4) / 2.8284271247461903;
}

struct trial {
	double (*noise)(void);
	double noise_share; /* standard deviation, of the mean */
	size_t runs;        /* on each side */
	double planted;     /* added to the CPU time of the whole in new, of the mean */
};

struct found {
	unsigned int totals, ranks, commands; /* series with one that is called different */
	unsigned int cpu_more;
	size_t needed; /* what the last series without a finding said of CPU time */
};

/*
 * CPU and wall time vary together with a part of their own; the number of processes does not vary.
 */
static void fill(struct samples *samples, const struct trial *trial)
{
	for (size_t line = 0; line < LINES; line++) {
		for (size_t run = 0; run < 2 * trial->runs; run++) {
			const double common = trial->noise(), own = trial->noise();
			const double more = line == 0 && run >= trial->runs ? trial->planted : 0;
			const double cpu = 1 + more + trial->noise_share * common;

			samples_row(samples, line, 0)[run] = 1e9 * cpu;
			samples_row(samples, line, 1)[run] =
				1e9 * (2 + trial->noise_share * (common + own));
			samples_row(samples, line, 2)[run] = 7;
		}
	}
}

/* The figures of ranks vary each on its own; where a difference is planted there are none. */
static void fill_balances(struct samples *samples, const struct trial *trial)
{
	for (size_t i = 0; i < BALANCES * 2 * trial->runs; i++)
		samples->balances[i] =
			trial->planted > 0 ? NAN : 1 + trial->noise_share * trial->noise();
}

static void take(const struct verdicts *verdicts, struct found *found)
{
	bool total = false, rank = false, command = false;

	for (size_t i = 0; i < verdicts->n; i++) {
		const struct test *test = &verdicts->tests[i];
		const bool differs = test->verdict == VERDICT_MORE || test->verdict == VERDICT_LESS;

		total |= differs && i < verdicts->n_totals;
		rank |= differs && i >= verdicts->n_totals && i < verdicts_commands(verdicts);
		command |= differs && i >= verdicts_commands(verdicts);
		if (i < verdicts->n_totals && strcmp(test->quantity->name, "cpu") == 0) {
			found->cpu_more += test->verdict == VERDICT_MORE;
			found->needed = differs ? found->needed : test->needed;
		}
	}
	found->totals += total;
	found->ranks += rank;
	found->commands += command;
}

static struct found try_often(const struct trial *trial)
{
	static double values[LINES * 3 * 2 * RUNS_MAX], balances[BALANCES * 2 * RUNS_MAX];
	struct found found = {.totals = 0};
	struct samples samples = {
		.n_lines = LINES,
		.n_quantities = 3,
		.quantities = {{"cpu", "ns", -1, false},
	                       {"wall", "ns", -1, false},
	                       {"processes", "", -1, false}},
		.n_base = trial->runs,
		.n_changed = trial->runs,
		.values = values,
		.balances = balances,
	};

	srandom(20);
	for (int i = 0; i < SERIES; i++) {
		struct verdicts verdicts;

		fill(&samples, trial);
		fill_balances(&samples, trial);
		assert_int_equal(verdicts_make(&samples, &verdicts), 0);
		take(&verdicts, &found);
		verdicts_fini(&verdicts);
	}
	return found;
}

/* 5 % of 2000 are 100; three standard deviations of what chance gives are 29. */
static void of_series_without_a_difference_few_have_one(void **state)
{
	static const size_t runs[] = {3, 10};
	double (*const noises[])(void) = {normal, skewed};

	for (size_t i = 0; i < 2; i++) {
		for (size_t n = 0; n < 2; n++) {
			const struct trial trial = {noises[n], 0.02, runs[i], 0};
			const struct found found = try_often(&trial);

			print_message("%zu runs, %s: a total %u, a rank %u, a command %u of %d\n",
			              runs[i], n ? "skewed" : "normal", found.totals, found.ranks,
			              found.commands, SERIES);
			assert_true(found.totals <= 129);
			assert_true(found.ranks <= 129);
			assert_true(found.commands <= 129);
		}
	}
}

/* 3 % with a noise of 2 %. */
static void what_was_planted_is_found_with_enough_runs(void **state)
{
	const struct trial few = {normal, 0.02, 3, 0.03}, many = {normal, 0.02, 30, 0.03};
	const struct found rarely = try_often(&few), always = try_often(&many);

	print_message("3 %% planted: found in %u of %d with 3 runs, in %u with 30\n",
	              rarely.cpu_more, SERIES, always.cpu_more);
	assert_true(rarely.cpu_more < SERIES / 2);
	assert_true(rarely.needed > 3);
	assert_true(always.cpu_more > SERIES * 999 / 1000);
}

/*
 * With the number of runs that the formula names for this difference and noise, four of five find
 * it.
 */
static void the_number_of_runs_said_is_enough(void **state)
{
	const struct sample base = {.n = 9, .mean = 1, .sd = 0.02};
	const struct sample changed = {.n = 9, .mean = 1.03, .sd = 0.02};
	/* Three totals are looked at; the number of processes and wall time do not differ. */
	const size_t needed = runs_needed(&base, &changed, ALPHA / 3);
	const struct trial trial = {normal, 0.02, needed, 0.03};
	const struct trial fewer = {normal, 0.02, needed / 2, 0.03};
	const struct found found = try_often(&trial), less = try_often(&fewer);

	print_message(
		"%zu runs are said to be needed: found in %u of %d, with half as many in %u\n",
		needed, found.cpu_more, SERIES, less.cpu_more);
	assert_in_range(found.cpu_more, SERIES * 76 / 100, SERIES * 90 / 100);
	assert_true(less.cpu_more < SERIES * 60 / 100);
}

static void one_run_says_nothing(void **state)
{
	const struct trial trial = {normal, 0.02, 1, 0.5};
	const struct found found = try_often(&trial);

	assert_int_equal(found.totals + found.ranks + found.commands, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_series_without_a_difference_few_have_one),
		cmocka_unit_test(what_was_planted_is_found_with_enough_runs),
		cmocka_unit_test(the_number_of_runs_said_is_enough),
		cmocka_unit_test(one_run_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
