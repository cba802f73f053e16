/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What <math.h> declares as functions of libm: with it the agent would load one more library at each
 * start. Its macros (isnan, isfinite, NAN) need none.
 */
#ifndef REPORT_NUMBER_MATH_H
#define REPORT_NUMBER_MATH_H

#include <stdint.h>

/* Of numbers only: no NaN. */
static inline double larger(double a, double b)
{
	return a > b ? a : b;
}

static inline double smaller(double a, double b)
{
	return a < b ? a : b;
}

/* To the nearest whole number, halves away from 0; the value is within ±2^62. */
static inline int64_t to_nearest(double value)
{
	return (int64_t)(value < 0 ? value - 0.5 : value + 0.5);
}

#endif
