/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "compare/statistics.h"

#include <math.h>
#include <stdlib.h>

#include "compare/t_distribution.h"

#define RUNS_MAX 1000000

struct sample sample_of(const double *values, size_t n)
{
	struct sample sample = {.n = 0};
	double squares = 0;

	for (size_t i = 0; i < n; i++) {
		double step;

		if (isnan(values[i]))
			continue;
		if (!sample.n || values[i] < sample.min)
			sample.min = values[i];
		if (!sample.n || values[i] > sample.max)
			sample.max = values[i];
		/* Welford's method: no digits are lost when the spread is small. */
		step = values[i] - sample.mean;
		sample.mean += step / (double)++sample.n;
		squares += step * (values[i] - sample.mean);
	}
	if (sample.n > 1 && sample.min < sample.max)
		sample.sd = square_root(squares / (double)(sample.n - 1));
	return sample;
}

/* ---- outliers ---- */

static double absolute(double x)
{
	return x < 0 ? -x : x;
}

static int compare_numbers(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median_of(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), compare_numbers);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

size_t sample_outliers(const double *values, size_t n, double *scratch, bool *is_outlier)
{
	size_t kept = 0, outliers = 0;
	double median, deviation;

	for (size_t i = 0; i < n; i++) {
		is_outlier[i] = false;
		if (!isnan(values[i]))
			scratch[kept++] = values[i];
	}
	if (kept < 5)
		return 0;
	median = median_of(scratch, kept);
	for (size_t i = 0; i < kept; i++)
		scratch[i] = absolute(scratch[i] - median);
	deviation = 1.4826 * median_of(scratch, kept);
	for (size_t i = 0; i < n && deviation > 0; i++) {
		is_outlier[i] = !isnan(values[i]) && absolute(values[i] - median) > 3.5 * deviation;
		outliers += is_outlier[i];
	}
	return outliers;
}

/* ---- differences ---- */

/* 2 / C(a + b, a): of all ways to split the values, two separate them completely. */
static double chance_of_separation(size_t a, size_t b)
{
	double ways = 1;

	for (size_t i = 1; i <= a && ways < 1e300; i++)
		ways = ways * (double)(b + i) / (double)i;
	return ways > 2 ? 2 / ways : 1;
}

struct difference sample_difference(const struct sample *base, const struct sample *changed)
{
	const double base_part = base->n ? base->sd * base->sd / (double)base->n : 0;
	const double changed_part = changed->n ? changed->sd * changed->sd / (double)changed->n : 0;
	const double sum = base_part + changed_part;
	struct difference difference = {.value = changed->mean - base->mean, .p = 1};

	difference.has_p = base->n > 1 && changed->n > 1;
	if (!difference.has_p)
		return difference;
	if (!(sum > 0)) {
		if (base->mean != changed->mean)
			difference.p = chance_of_separation(base->n, changed->n);
		return difference;
	}
	difference.error = square_root(sum);
	difference.freedom =
		1 / (base_part / sum * (base_part / sum) / (double)(base->n - 1) +
	             changed_part / sum * (changed_part / sum) / (double)(changed->n - 1));
	difference.p = t_two_sided(difference.value / difference.error, difference.freedom);
	return difference;
}

double difference_margin(const struct difference *difference, double alpha)
{
	if (!(difference->error > 0))
		return 0;
	return difference->error * t_quantile(alpha, difference->freedom);
}

/* Whether n runs on each side find the difference, by the t approximation of the power. */
static bool is_enough(const struct sample *base, const struct sample *changed, double alpha,
                      size_t n)
{
	const double a = base->sd * base->sd, b = changed->sd * changed->sd;
	const double error = square_root((a + b) / (double)n);
	const double freedom = (double)(n - 1) * (a + b) * (a + b) / (a * a + b * b);
	const double wanted = t_quantile(alpha, freedom) + t_quantile(2 * (1 - POWER), freedom);

	return absolute(changed->mean - base->mean) >= wanted * error;
}

/* Runs needed if the standard deviations were known: by the normal distribution, t's limit. */
static double needed_with_many(const struct sample *base, const struct sample *changed,
                               double alpha)
{
	const double many = 1e5, distance = changed->mean - base->mean;
	const double wanted = t_quantile(alpha, many) + t_quantile(2 * (1 - POWER), many);

	return wanted * wanted * (base->sd * base->sd + changed->sd * changed->sd) /
	       (distance * distance);
}

size_t runs_needed(const struct sample *base, const struct sample *changed, double alpha)
{
	size_t high = 2;
	double first;

	if (base->n < 2 || changed->n < 2 || base->mean == changed->mean)
		return 0;
	if (!(base->sd > 0) && !(changed->sd > 0)) {
		while (chance_of_separation(high, high) > alpha)
			high++;
		return high;
	}
	first = needed_with_many(base, changed, alpha);
	if (!(first < RUNS_MAX))
		return 0;
	/* The t distribution of few runs has longer tails: some more runs are needed. */
	high = first < 2 ? 2 : (size_t)first;
	while (high < RUNS_MAX && !is_enough(base, changed, alpha, high))
		high++;
	return high;
}

size_t holm(const double *p, size_t n, double alpha)
{
	size_t found = 0;

	while (found < n && p[found] <= alpha / (double)(n - found))
		found++;
	return found;
}
