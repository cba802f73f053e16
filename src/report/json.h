/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Writes JSON into a text, piece by piece, and separates elements by commas. */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include <stdint.h>

#include "core/text.h"

/*
 * A string in quotes, of any bytes: those that are not UTF-8 become \xff, in letters, since JSON
 * has no bytes. '<' is escaped: no text of a process may close a <script>.
 */
void json_add_string(struct text *out, const char *bytes, size_t n);

/* The same, for what only shows the string: as report_add_visible() writes it. */
void json_add_visible(struct text *out, const char *bytes, size_t n);

void json_add_u64(struct text *out, uint64_t value);

/* A number that is not finite becomes null: JSON has none. */
void json_add_f64(struct text *out, double value);

/*
 * Add the comma between two elements of an array or two keys of an object, unless this is the
 * first, or a line break was written.
 */
void json_separate(struct text *out);

/* The key of an object; its value follows. */
void json_add_key(struct text *out, const char *key);

/* A key with a string, a string to be shown, a whole number, or any number as its value. */
void json_add_pair(struct text *out, const char *key, const char *value);
void json_add_pair_visible(struct text *out, const char *key, const char *value);
void json_add_pair_u64(struct text *out, const char *key, uint64_t value);
void json_add_pair_f64(struct text *out, const char *key, double value);

#endif
