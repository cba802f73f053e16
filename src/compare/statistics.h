/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Statistics of small samples: spread, outliers, and whether two of them differ significantly. */
#ifndef COMPARE_STATISTICS_H
#define COMPARE_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>

/* The probability that as many runs as runs_needed() returns find a difference. */
#define POWER 0.8

struct sample {
	size_t n;
	double mean, sd, min, max; /* sd: with n - 1; 0 for one value */
};

/* NaN does not count as a value. */
struct sample sample_of(const double *values, size_t n);

/*
 * Outliers: values further from the median than 3.5 times the scaled median absolute deviation
 * (Iglewicz and Hoaglin 1993). Fewer than 5 values have none, nor do values of which more than half
 * are equal. scratch has room for n numbers. Sets is_outlier[i]; returns the number of outliers.
 */
size_t sample_outliers(const double *values, size_t n, double *scratch, bool *is_outlier);

struct difference {
	double value;   /* of the means: changed - base */
	bool has_p;     /* false: one side has a single value, so noise is unknown */
	double p;       /* probability of a difference at least this large by chance */
	double error;   /* the standard error; 0 where neither side varies */
	double freedom; /* its degrees of freedom (Welch and Satterthwaite); 0 likewise */
};

/*
 * Welch's t test. Where neither side varies it has no answer: p is then the probability that this
 * many values, shuffled, separate like that.
 */
struct difference sample_difference(const struct sample *base, const struct sample *changed);

/*
 * Half the width of the difference's confidence interval, whose confidence level is 1 - alpha.
 */
double difference_margin(const struct difference *difference, double alpha);

/*
 * How many runs each side needs to find a true difference of this size at the level alpha with
 * probability POWER. 0: more than a million, or unknown.
 */
size_t runs_needed(const struct sample *base, const struct sample *changed, double alpha);

/*
 * Holm's method (1979) for n tests made together: the probability of any false positive is alpha at
 * most. p is sorted in ascending order; returns how many tests, from the first on, are significant.
 */
size_t holm(const double *p, size_t n, double alpha);

#endif
