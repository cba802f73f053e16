/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The statistics of compare, against SciPy 1.x: t.sf() and t.isf() of scipy.stats, ttest_ind(b, a,
 * equal_var=False), and the noncentral t distribution nct for the number of runs:
 *
 *   python3 -c 'from scipy.stats import t; print(2 * t.sf(2.0, 5))'
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "compare/statistics.h"
#include "compare/t_distribution.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void assert_near(double found, double expected, double share)
{
	const double distance = found > expected ? found - expected : expected - found;

	if (distance > share * (expected < 0 ? -expected : expected))
		fail_msg("%.17g, not %.17g", found, expected);
}

static void roots_are_exact(void **state)
{
	assert_near(square_root(2), 1.4142135623730951, 1e-15);
	assert_near(square_root(1e18), 1e9, 1e-15);
	assert_near(square_root(3e-200), 1.7320508075688773e-100, 1e-15);
	assert_true(square_root(0) == 0);
}

static void t_distribution_is_that_of_scipy(void **state)
{
	static const struct {
		double t, freedom, p;
	} cases[] = {
		{2.0, 5, 0.10193947882985835},      {0.5, 1, 0.7048327646991335},
		{3.7, 17.3, 0.0017336790197148768}, {12.0, 2.5, 0.0028362150300783244},
		{1.96, 1e6, 0.04999606758526985},   {40, 9, 1.8982998449339822e-11},
		{1e-3, 4, 0.99925000015625},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_near(t_two_sided(cases[i].t, cases[i].freedom), cases[i].p, 1e-9);
		assert_near(t_two_sided(-cases[i].t, cases[i].freedom), cases[i].p, 1e-9);
	}
	assert_true(t_two_sided(0, 3) == 1);
}

static void t_quantiles_are_those_of_scipy(void **state)
{
	static const struct {
		double p, freedom, t;
	} cases[] = {
		{0.05, 1, 12.706204736174705},  {0.05, 7.5, 2.3330396268649745},
		{0.001, 30, 3.645958635042021}, {0.4, 12, 0.872609291588138},
		{1e-6, 3, 130.15458955835794},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_near(t_quantile(cases[i].p, cases[i].freedom), cases[i].t, 1e-9);
}

static const double base_values[] = {27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1,
                                     21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4};
static const double changed_values[] = {27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0,
                                        24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 24.4};

static void welch_is_that_of_scipy(void **state)
{
	const struct sample base = sample_of(base_values, COUNT(base_values));
	const struct sample changed = sample_of(changed_values, COUNT(changed_values));
	const struct difference difference = sample_difference(&base, &changed);
	const double margin = difference_margin(&difference, 0.05);

	assert_near(base.sd, 2.8048936827317665, 1e-12);
	assert_near(changed.sd, 2.6319104051909483, 1e-12);
	assert_near(difference.value / difference.error, 2.8529548701715215, 1e-12);
	assert_near(difference.freedom, 27.88730398842012, 1e-12);
	assert_near(difference.p, 0.008071938172194903, 1e-9);
	assert_near(difference.value - margin, 0.7986439248746979, 1e-8);
	assert_near(difference.value + margin, 4.868022741791966, 1e-8);
}

static void single_values_have_no_p(void **state)
{
	const struct sample one = sample_of(base_values, 1);
	const struct sample many = sample_of(changed_values, COUNT(changed_values));

	assert_false(sample_difference(&one, &many).has_p);
	assert_false(sample_difference(&many, &one).has_p);
	assert_int_equal(runs_needed(&one, &many, 0.05), 0);
}

/* Counts of processes: every run has the same. 5 and 5 are dealt out in C(10, 5) = 252 ways. */
static void constant_values_are_judged_by_their_number(void **state)
{
	const double threes[] = {3, 3, 3, 3, 3}, fours[] = {4, 4, 4, 4, 4};
	const struct sample base = sample_of(threes, 5), changed = sample_of(fours, 5);
	const struct sample two = sample_of(threes, 2), other_two = sample_of(fours, 2);

	assert_near(sample_difference(&base, &changed).p, 2.0 / 252, 1e-12);
	assert_true(sample_difference(&base, &base).p == 1);
	assert_near(sample_difference(&two, &other_two).p, 2.0 / 6, 1e-12);
	assert_int_equal(runs_needed(&two, &other_two, 0.05), 4); /* 2 / C(8, 4) = 0.029 */
}

static void values_that_are_missing_do_not_count(void **state)
{
	const double values[] = {NAN, 2, NAN, 4};
	const struct sample sample = sample_of(values, 4);

	assert_int_equal(sample.n, 2);
	assert_true(sample.mean == 3 && sample.min == 2 && sample.max == 4);
}

/* Beside the exact answer by the noncentral t distribution, one run more or less. */
static void number_of_runs_is_that_of_scipy(void **state)
{
	static const struct {
		double effect, alpha;
		size_t n;
	} cases[] = {
		{1.5, 0.05, 9}, {0.6, 0.05, 45}, {0.2, 0.05, 394}, {1.5, 0.0025, 16}, {3, 0.05, 4}};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct sample base = {.n = 10, .mean = 100, .sd = 1};
		const struct sample changed = {.n = 10, .mean = 100 + cases[i].effect, .sd = 1};
		const size_t n = runs_needed(&base, &changed, cases[i].alpha);

		if (n + 1 < cases[i].n || n > cases[i].n + 1)
			fail_msg("effect %g: %zu runs, not %zu", cases[i].effect, n, cases[i].n);
	}
}

/*
 * statsmodels: multipletests([0.01, 0.013, 0.014, 0.19, 0.35, 0.5, 0.63, 0.67, 0.75, 0.81],
 * method="holm")
 */
static void holm_stops_at_the_first_that_is_none(void **state)
{
	const double none[] = {0.01, 0.013, 0.014, 0.19, 0.35, 0.5, 0.63, 0.67, 0.75, 0.81};
	const double three[] = {0.001, 0.012, 0.02, 0.9}; /* against .0125, .0167, .025, .05 */

	assert_int_equal(holm(none, 10, 0.05), 0);
	assert_int_equal(holm(three, 4, 0.05), 3);
	assert_int_equal(holm(NULL, 0, 0.05), 0);
}

static void outliers_are_named(void **state)
{
	const double values[] = {10, 10.1, 9.9, 10.2, 14, 9.8};
	const double few[] = {1, 2, 100};
	double scratch[6];
	bool is_outlier[6];

	assert_int_equal(sample_outliers(values, 6, scratch, is_outlier), 1);
	assert_true(is_outlier[4]);
	assert_int_equal(sample_outliers(few, 3, scratch, is_outlier), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roots_are_exact),
		cmocka_unit_test(t_distribution_is_that_of_scipy),
		cmocka_unit_test(t_quantiles_are_those_of_scipy),
		cmocka_unit_test(welch_is_that_of_scipy),
		cmocka_unit_test(single_values_have_no_p),
		cmocka_unit_test(constant_values_are_judged_by_their_number),
		cmocka_unit_test(values_that_are_missing_do_not_count),
		cmocka_unit_test(number_of_runs_is_that_of_scipy),
		cmocka_unit_test(holm_stops_at_the_first_that_is_none),
		cmocka_unit_test(outliers_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
