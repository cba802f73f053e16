/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Numbers with their unit for people: "12.34 s", "3.142 MiB", "1234". */
#ifndef COMPARE_AMOUNT_H
#define COMPARE_AMOUNT_H

#include "core/text.h"

#define AMOUNT_SIZE 48

/* A value of a unit ("ns", "J", "B", ""), with four significant digits. Returns the text. */
const char *amount(double value, const char *unit, char text[static AMOUNT_SIZE]);

/* A ratio as percent with its sign: "+3.1 %". */
const char *percent(double ratio, char text[static AMOUNT_SIZE]);

/* Terminal columns of UTF-8 text: one for each character. */
size_t columns_of(const char *bytes, size_t n);

/* The end of the text that takes at most this many columns. */
const char *last_columns(const char *text, size_t columns);

/*
 * Append the next cell of a line: two blanks unless it is the first one, and text padded with
 * blanks to this many columns; right: with the blanks before it. A line's last cell is to end
 * without blanks: columns is 0, or it is right.
 */
void add_padded(struct text *out, const char *bytes, size_t n, size_t columns, bool right);

/* Append as printf() does, up to 512 bytes. */
void add_formatted(struct text *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
