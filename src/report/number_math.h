/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Replacements for functions of libm, which the agent would otherwise load at each start. The
 * macros of <math.h> (isnan, isfinite, NAN) do not need it.
 */
#ifndef REPORT_NUMBER_MATH_H
#define REPORT_NUMBER_MATH_H

#include <stdint.h>

/* Not for NaN. */
static inline double larger(double a, double b)
{
	return a > b ? a : b;
}

static inline double smaller(double a, double b)
{
	return a < b ? a : b;
}

/* Round to the nearest whole number, halves away from 0. The value is within ±2^62. */
static inline int64_t to_nearest(double value)
{
	return (int64_t)(value < 0 ? value - 0.5 : value + 0.5);
}

#endif
