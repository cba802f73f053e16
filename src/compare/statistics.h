/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Samples of a few numbers: what they say about a difference between two, and how surely. */
#ifndef COMPARE_STATISTICS_H
#define COMPARE_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>

/* With this probability the runs that runs_needed() names find a difference. */
#define POWER 0.8

struct sample {
	size_t n;
	double mean, sd, min, max; /* sd: with n - 1; 0 for one value */
};

/* Numbers that are NaN are no values. */
struct sample sample_of(const double *values, size_t n);

/*
 * Values that stand apart: further from the median than 3.5 times the scaled median absolute deviation
 * (Iglewicz and Hoaglin 1993). Of fewer than 5 values, or when more than half are equal, none. scratch
 * has room for n numbers. Sets is_outlier[i]; returns how many there are.
 */
size_t sample_outliers(const double *values, size_t n, double *scratch, bool *is_outlier);

struct difference {
	double value;   /* of the means: changed - base */
	bool has_p;     /* false: one side has a single value, nothing is known of noise */
	double p;       /* of a difference at least as large, if there is none */
	double error;   /* the standard error; 0 where neither side varies */
	double freedom; /* its degrees of freedom (Welch and Satterthwaite); 0 likewise */
};

/*
 * Welch's t test. Where no side varies, the t test has no answer: p is the probability that so many
 * values, shuffled, separate like that.
 */
struct difference sample_difference(const struct sample *base, const struct sample *changed);

/* Half the width of the difference's confidence interval that excludes it with probability alpha. */
double difference_margin(const struct difference *difference, double alpha);

/*
 * How many runs each side needs, so that a true difference of this size is found at the level alpha with
 * probability POWER. 0: more than a million, or it cannot be said.
 */
size_t runs_needed(const struct sample *base, const struct sample *changed, double alpha);

/*
 * Holm's method (1979): of n tests made together, which are significant so that the probability of any
 * false one is alpha at most. p is sorted; returns how many of the first are.
 */
size_t holm(const double *p, size_t n, double alpha);

#endif
