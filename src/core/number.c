/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/number.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A finite double is its sign, and mantissa * 2^exponent with mantissa < 2^53. */
#define MANTISSA_BITS 52
#define IMPLICIT_BIT (1ULL << MANTISSA_BITS)

__extension__ typedef unsigned __int128 uint128;

size_t number_format_u64(uint64_t value, char text[static NUMBER_U64_SIZE])
{
	char reversed[NUMBER_U64_SIZE];
	size_t n = 0;

	do {
		reversed[n++] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	for (size_t i = 0; i < n; i++)
		text[i] = reversed[n - 1 - i];
	text[n] = '\0';
	return n;
}

void number_format_digits(uint32_t value, size_t n, char *digits)
{
	while (n > 0) {
		digits[--n] = (char)('0' + value % 10);
		value /= 10;
	}
}

/*
 * Format mantissa * 2^-shift, with 0 < shift <= 120, which is not a whole number, by Steele and
 * White's fixed-point printout. The remaining fraction (rest) and half the distances to the two
 * neighbouring doubles (low, high) are integers in units of 2^-(shift + 2), so that everything is
 * exact; they stay below 10 * 2^122 < 2^126.
 *
 * No whole number reads back as this double, because below 2^52 doubles are at most 1/2 apart, and
 * whole numbers are doubles themselves. Hence there is a fraction digit, and rounding up the last
 * digit never carries: the carried number has fewer digits and would have ended the loop before. It
 * does not matter how a decimal half-way between two doubles is read: it has more digits than the
 * exact value of the double, at which the loop ends at the latest.
 */
static size_t format_fraction(uint64_t mantissa, unsigned int shift, bool narrow_below, char *text)
{
	const unsigned int unit_bits = shift + 2;
	const uint128 one = (uint128)1 << unit_bits;
	uint128 rest = (uint128)mantissa << 2 & (one - 1);
	uint128 low = narrow_below ? 1 : 2;
	uint128 high = 2;
	size_t n = number_format_u64(shift < 64 ? mantissa >> shift : 0, text);
	bool down, up;

	text[n++] = '.';
	do {
		rest *= 10;
		low *= 10;
		high *= 10;
		text[n++] = (char)('0' + (unsigned int)(rest >> unit_bits));
		rest &= one - 1;
		down = rest < low;
		up = rest + high > one;
	} while (!down && !up);
	if (up && (!down || rest > one - rest || (rest == one - rest && text[n - 1] % 2)))
		text[n - 1]++; /* of two equally near digits, the even one ('0' is even) */
	text[n] = '\0';
	return n;
}

/* Increment the last digit: "9.99e1" becomes "1.00e2". */
static void increment_scientific(char *text)
{
	char *exponent = strchr(text, 'e');
	char *digit = exponent;

	while (digit-- > text) {
		if (*digit < '0' || *digit > '9')
			continue;
		if (*digit != '9') {
			++*digit;
			return;
		}
		*digit = '0';
	}
	*text = '1';
	sprintf(exponent, "e%d", atoi(exponent + 1) + 1);
}

/*
 * For any finite value > 0, try increasing lengths. If any decimal of a length reads back as the
 * value, the nearest one does, because the value is in the middle of what reads as it. For a power
 * of two, which has more room above than below, it may be the next decimal above.
 */
static void find_scientific(double value, bool narrow_below, char text[static 32])
{
	for (int precision = 0; precision < 17; precision++) {
		snprintf(text, 32, "%.*e", precision, value);
		if (strtod(text, NULL) == value)
			return;
		if (!narrow_below)
			continue;
		increment_scientific(text);
		if (strtod(text, NULL) == value)
			return;
	}
}

static size_t format_by_trial(double value, bool narrow_below, char *text)
{
	char scientific[32], digits[32];
	size_t n_digits = 0, n = 0;
	int point;

	find_scientific(value, narrow_below, scientific);
	/* Skip the decimal point, which depends on the locale. */
	for (const char *c = scientific; *c != 'e'; c++) {
		if (*c >= '0' && *c <= '9')
			digits[n_digits++] = *c;
	}
	point = atoi(strchr(scientific, 'e') + 1) + 1; /* 0.DIGITS * 10^point */
	while (n_digits > 1 && digits[n_digits - 1] == '0')
		n_digits--; /* "1.00e2" of increment_scientific() */

	if (point <= 0) {
		text[n++] = '0';
		text[n++] = '.';
		memset(text + n, '0', (size_t)-point);
		n += (size_t)-point;
	}
	for (size_t i = 0; i < n_digits; i++) {
		if (point > 0 && i == (size_t)point)
			text[n++] = '.';
		text[n++] = digits[i];
	}
	for (size_t i = n_digits; point > 0 && i < (size_t)point; i++)
		text[n++] = '0';
	text[n] = '\0';
	return n;
}

static size_t format_positive(double value, char *text)
{
	uint64_t bits, mantissa;
	unsigned int biased;
	bool narrow_below;

	/* Below 2^53, every whole number is a double, with itself as its shortest decimal. */
	if (value < 0x1p53 && value == (double)(uint64_t)value)
		return number_format_u64((uint64_t)value, text);

	memcpy(&bits, &value, sizeof(bits));
	biased = (unsigned int)(bits >> MANTISSA_BITS);
	mantissa = bits & (IMPLICIT_BIT - 1);
	/*
	 * The double below a power of two is half as far away as the one above, except for the
	 * smallest normal number, whose neighbours are equally far.
	 */
	narrow_below = mantissa == 0 && biased > 1;
	if (value < 0x1p53 && value >= 0x1p-68) /* 1075 - biased is 1 to 120 */
		return format_fraction(mantissa | IMPLICIT_BIT, 1075 - biased, narrow_below, text);
	return format_by_trial(value, narrow_below, text);
}

size_t number_format_f64(double value, char text[static NUMBER_F64_SIZE])
{
	size_t sign = 0;

	if (isnan(value)) {
		strcpy(text, "NaN");
		return 3;
	}
	if (signbit(value))
		text[sign++] = '-';
	if (isinf(value)) {
		strcpy(text + sign, "inf");
		return sign + 3;
	}
	return sign + format_positive(fabs(value), text + sign);
}
