/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Numbers as text: exact, independent of the locale, and fast enough for a million rows a second.
 */
#ifndef CORE_NUMBER_H
#define CORE_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/* The whole part, as far as a uint64_t goes: 0 for negative numbers and NaN. */
static inline uint64_t number_to_u64(double value)
{
	if (!(value > 0))
		return 0;
	return value < 0x1p64 ? (uint64_t)value : UINT64_MAX;
}

/* Room for any uint64_t and a NUL. */
#define NUMBER_U64_SIZE 21

/* Format as decimal digits. Returns the length without the NUL. */
size_t number_format_u64(uint64_t value, char text[static NUMBER_U64_SIZE]);

/* Room for any double and a NUL: at most a sign, "0.", 323 zeros and 17 digits. */
#define NUMBER_F64_SIZE 352

/*
 * Format with the fewest significant digits that read back (round half to even) as the same double;
 * of several such decimals, the nearest. There is no exponent, and whole numbers have no ".0": "0",
 * "5.779296875", "100000000000000000000000" (1e23). Special values are "NaN", "inf" and "-inf",
 * which strtod() and Python's float() read. Rust's Display prints the same.
 * Returns the length without the NUL.
 */
size_t number_format_f64(double value, char text[static NUMBER_F64_SIZE]);

/* Write the last n decimal digits of value, with leading zeros, without a NUL. */
void number_format_digits(uint32_t value, size_t n, char *digits);

#endif
