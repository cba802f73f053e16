/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "compare/t_distribution.h"

#include <stdint.h>
#include <string.h>

#define LN2 0.693147180559945309417
#define HALF_LN_2PI 0.918938533204672741780

/* 2^n for the exponents of normal numbers. */
static double power_of_two(int n)
{
	const uint64_t bits = (uint64_t)(n + 1023) << 52;
	double value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* The exponent of x > 0, for x = m * 2^e with m from 1 to 2; subnormal numbers count as 2^-1023. */
static int exponent_of(double x)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof(bits));
	return (int)(bits >> 52 & 0x7ff) - 1023;
}

double square_root(double x)
{
	double root;

	if (x < 1e-300)
		return 0;
	root = power_of_two(exponent_of(x) / 2);
	for (int i = 0; i < 7; i++) /* Newton's method: each step squares the error */
		root = (root + x / root) / 2;
	return root;
}

/* ln x = e ln 2 + 2 artanh((m - 1) / (m + 1)), m near 1. */
static double natural_log(double x)
{
	int e = exponent_of(x);
	double m = x / power_of_two(e), s, power, sum = 0;

	if (m > 1.414) {
		m /= 2;
		e++;
	}
	s = (m - 1) / (m + 1);
	power = s;
	for (int k = 1; k < 30; k += 2) {
		sum += power / k;
		power *= s * s;
	}
	return e * LN2 + 2 * sum;
}

static double exponential(double x)
{
	const int k = (int)(x / LN2 + (x < 0 ? -0.5 : 0.5));
	const double rest = x - k * LN2;
	double term = 1, sum = 1;

	if (x < -700)
		return 0;
	for (int i = 1; i < 20; i++) {
		term *= rest / i;
		sum += term;
	}
	return sum * power_of_two(k);
}

/* Stirling's series, from x = 10 on; below that by Gamma(x + 1) = x Gamma(x). */
static double log_gamma(double x)
{
	double product = 1, inverse;

	while (x < 10)
		product *= x++;
	inverse = 1 / (x * x);
	return (x - 0.5) * natural_log(x) - x + HALF_LN_2PI +
	       (1.0 / 12 -
	        inverse * (1.0 / 360 -
	                   inverse * (1.0 / 1260 - inverse * (1.0 / 1680 - inverse / 1188)))) /
	               x -
	       natural_log(product);
}

static double away_from_zero(double x)
{
	return x < 1e-300 && x > -1e-300 ? 1e-300 : x;
}

/*
 * The continued fraction of the incomplete beta function (NIST DLMF 8.17.22), by Lentz's method,
 * for x < (a + 1) / (a + b + 2).
 */
static double beta_fraction(double x, double a, double b)
{
	double c = 1, d = 1 / away_from_zero(1 - (a + b) * x / (a + 1)), result = d;

	for (int m = 1; m < 10000; m++) {
		const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		double step;

		d = 1 / away_from_zero(1 + even * d);
		c = away_from_zero(1 + even / c);
		result *= d * c;
		d = 1 / away_from_zero(1 + odd * d);
		c = away_from_zero(1 + odd / c);
		step = d * c;
		result *= step;
		if (step > 1 - 1e-15 && step < 1 + 1e-15)
			break;
	}
	return result;
}

/* The regularised incomplete beta function of x; y = 1 - x is passed so that no digits are lost. */
static double beta_regularised(double x, double y, double a, double b)
{
	double front;

	if (x <= 0 || y <= 0)
		return x <= 0 ? 0 : 1;
	front = exponential(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * natural_log(x) +
	                    b * natural_log(y));
	if (x < (a + 1) / (a + b + 2))
		return front * beta_fraction(x, a, b) / a;
	return 1 - front * beta_fraction(y, b, a) / b;
}

double t_two_sided(double t, double freedom)
{
	const double square = t * t;

	return beta_regularised(freedom / (freedom + square), square / (freedom + square),
	                        freedom / 2, 0.5);
}

double t_quantile(double p, double freedom)
{
	double low = 0, high = 1;

	while (t_two_sided(high, freedom) > p && high < 1e15)
		high *= 2;
	for (int i = 0; i < 200 && high - low > 1e-13 * high; i++) {
		const double middle = (low + high) / 2;

		if (t_two_sided(middle, freedom) > p)
			low = middle;
		else
			high = middle;
	}
	return (low + high) / 2;
}
