/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "compare/verdicts.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/balance.h"

double test_margin(const struct test *test)
{
	return difference_margin(&test->difference, ALPHA);
}

double test_ratio(const struct test *test)
{
	if (test->difference.value == 0)
		return 0;
	if (test->base.mean == 0)
		return test->difference.value > 0 ? HUGE_VAL : -HUGE_VAL;
	return test->difference.value / test->base.mean;
}

static double magnitude(double x)
{
	return x < 0 ? -x : x;
}

bool test_is_within_estimates(const struct test *test)
{
	const double difference = magnitude(test->difference.value);

	return difference > 0 && difference <= test->base_estimated + test->changed_estimated;
}

/* The smallest p first; among equal ones by quantity, then the largest difference. */
static int compare_tests(const void *a, const void *b)
{
	const struct test *x = a, *y = b;
	const double x_value = magnitude(x->difference.value);
	const double y_value = magnitude(y->difference.value);

	if (x->difference.p != y->difference.p)
		return x->difference.p < y->difference.p ? -1 : 1;
	if (x->quantity != y->quantity)
		return x->quantity < y->quantity ? -1 : 1;
	if (x_value != y_value)
		return x_value > y_value ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

static bool make_test(const struct samples *samples, size_t line,
                      const struct sample_quantity *quantity, const double *row, struct test *test)
{
	*test = (struct test){
		.line = line,
		.quantity = quantity,
		.base = sample_of(row, samples->n_base),
		.changed = sample_of(row + samples->n_base, samples->n_changed),
	};
	if (!test->base.n || !test->changed.n)
		return false;
	test->difference = sample_difference(&test->base, &test->changed);
	return true;
}

/* Judge the tests of one family together, as any of them could be a false positive. */
static int judge(struct test *tests, size_t n)
{
	double *p = malloc((n + 1) * sizeof(*p));
	size_t found, n_p = 0;

	if (!p)
		return -ENOMEM;
	qsort(tests, n, sizeof(*tests), compare_tests);
	for (size_t i = 0; i < n; i++) {
		if (tests[i].difference.has_p)
			p[n_p++] = tests[i].difference.p;
	}
	found = holm(p, n_p, ALPHA);
	n_p = 0;
	for (size_t i = 0; i < n; i++) {
		struct test *test = &tests[i];

		if (!test->difference.has_p)
			continue;
		test->verdict = VERDICT_SAME;
		if (n_p++ < found)
			test->verdict = test->difference.value > 0 ? VERDICT_MORE : VERDICT_LESS;
		else if (test->line == 0)
			test->needed = runs_needed(&test->base, &test->changed, ALPHA / (double)n);
	}
	free(p);
	return 0;
}

static int compare_quantities(const void *a, const void *b)
{
	const struct test *x = a, *y = b;

	return x->quantity < y->quantity ? -1 : x->quantity > y->quantity;
}

static bool has_processes(const struct samples *samples, size_t line, size_t from, size_t n)
{
	for (size_t q = 0; q < samples->n_quantities; q++) {
		const double *row = samples_row(samples, line, q);

		if (strcmp(samples->quantities[q].name, "processes") != 0)
			continue;
		for (size_t i = from; i < from + n; i++) {
			if (row[i] > 0)
				return true;
		}
	}
	return false;
}

static void add_test(const struct samples *samples, struct verdicts *verdicts, size_t line,
                     size_t quantity)
{
	const double *estimated = samples_estimated(samples, line, quantity);
	struct test *test = &verdicts->tests[verdicts->n];

	if (!make_test(samples, line, &samples->quantities[quantity],
	               samples_row(samples, line, quantity), test))
		return;
	verdicts->n++;
	if (!estimated)
		return;
	test->base_estimated = sample_of(estimated, samples->n_base).mean;
	test->changed_estimated = sample_of(estimated + samples->n_base, samples->n_changed).mean;
}

static void add_ranks(const struct samples *samples, struct verdicts *verdicts)
{
	const size_t n_runs = samples->n_base + samples->n_changed;

	for (size_t i = 0; i < BALANCES; i++)
		verdicts->n += make_test(samples, 0, &balance_quantities[i],
		                         samples->balances + i * n_runs,
		                         &verdicts->tests[verdicts->n]);
	verdicts->n_ranks = verdicts->n - verdicts->n_totals;
}

static void add_line(const struct samples *samples, struct verdicts *verdicts, size_t line)
{
	const bool before = has_processes(samples, line, 0, samples->n_base);
	const bool after = has_processes(samples, line, samples->n_base, samples->n_changed);

	if (!before && after)
		verdicts->came[verdicts->n_came++] = line;
	if (before && !after)
		verdicts->went[verdicts->n_went++] = line;
	for (size_t q = 0; before && after && q < samples->n_quantities; q++) {
		if (strcmp(samples->quantities[q].name, "peak-rss") != 0)
			add_test(samples, verdicts, line, q);
	}
}

/* CPU time in all runs or, if it is not known, wall time. */
static double weight_of(const struct samples *samples, size_t line)
{
	bool is_known = false;
	double sum = 0;

	for (size_t q = 0; q < 2 && !is_known; q++) {
		const double *row = samples_row(samples, line, q);

		for (size_t i = 0; i < samples->n_base + samples->n_changed; i++) {
			is_known |= !isnan(row[i]);
			sum += isnan(row[i]) ? 0 : row[i];
		}
	}
	return sum;
}

/* The costliest first. */
static int compare_weights(const void *a, const void *b, void *data)
{
	const size_t x = *(const size_t *)a, y = *(const size_t *)b;
	const double x_weight = weight_of(data, x), y_weight = weight_of(data, y);

	if (x_weight != y_weight)
		return x_weight < y_weight ? 1 : -1;
	return x < y ? -1 : x > y;
}

int verdicts_make(const struct samples *samples, struct verdicts *verdicts)
{
	size_t commands;
	int err;

	*verdicts = (struct verdicts){
		.tests = calloc(samples->n_lines * samples->n_quantities + BALANCES,
		                sizeof(*verdicts->tests)),
		.came = calloc(samples->n_lines, sizeof(*verdicts->came)),
		.went = calloc(samples->n_lines, sizeof(*verdicts->went)),
	};
	if (!verdicts->tests || !verdicts->came || !verdicts->went)
		return -ENOMEM;
	for (size_t q = 0; q < samples->n_quantities; q++)
		add_test(samples, verdicts, 0, q);
	verdicts->n_totals = verdicts->n;
	add_ranks(samples, verdicts);
	for (size_t line = 1; line < samples->n_lines; line++)
		add_line(samples, verdicts, line);
	qsort_r(verdicts->came, verdicts->n_came, sizeof(*verdicts->came), compare_weights,
	        (void *)samples);
	qsort_r(verdicts->went, verdicts->n_went, sizeof(*verdicts->went), compare_weights,
	        (void *)samples);
	commands = verdicts_commands(verdicts);
	err = judge(verdicts->tests, verdicts->n_totals);
	if (!err)
		err = judge(verdicts->tests + verdicts->n_totals, verdicts->n_ranks);
	if (!err)
		err = judge(verdicts->tests + commands, verdicts->n - commands);
	if (err)
		return err;
	qsort(verdicts->tests, verdicts->n_totals, sizeof(*verdicts->tests), compare_quantities);
	qsort(verdicts->tests + verdicts->n_totals, verdicts->n_ranks, sizeof(*verdicts->tests),
	      compare_quantities);
	return 0;
}

void verdicts_fini(struct verdicts *verdicts)
{
	free(verdicts->tests);
	free(verdicts->came);
	free(verdicts->went);
}
