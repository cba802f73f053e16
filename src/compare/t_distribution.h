/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Student's t distribution, also for fractional degrees of freedom. Computed here, to about 12
 * digits: libm would be one more library to load at each start of the agent.
 */
#ifndef COMPARE_T_DISTRIBUTION_H
#define COMPARE_T_DISTRIBUTION_H

/* The square root of a number that is not negative. */
double square_root(double x);

/* The probability of a value at least as far from 0 as t, on either side. freedom > 0. */
double t_two_sided(double t, double freedom);

/* The t that is exceeded, on either side, with a probability p: 0 < p < 1. */
double t_quantile(double p, double freedom);

#endif
