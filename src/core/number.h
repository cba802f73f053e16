/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Numbers as text: exact, independent of the locale, and fast enough for a million rows a second. */
#ifndef CORE_NUMBER_H
#define CORE_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/* Room for any uint64_t and a NUL. */
#define NUMBER_U64_SIZE 21

/* Decimal digits. Returns the length without the NUL. */
size_t number_format_u64(uint64_t value, char text[static NUMBER_U64_SIZE]);

/* Room for any double and a NUL: a sign, "0.", 323 zeros and 17 digits are the most. */
#define NUMBER_F64_SIZE 352

/*
 * The fewest significant digits that read back (round half to even) as the same double, and of
 * those with equally many the nearest; written without an exponent, whole numbers without ".0":
 * "0", "5.779296875", "100000000000000000000000" (1e23). Not numbers: "NaN", "inf", "-inf", which
 * strtod() and Python's float() read. This is what Rust's Display prints.
 * Returns the length without the NUL.
 */
size_t number_format_f64(double value, char text[static NUMBER_F64_SIZE]);

/* The last n digits of value, with leading zeros, without a NUL. */
void number_format_digits(uint32_t value, size_t n, char *digits);

#endif
