/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* JSON, piece by piece into a text; commas are set where something stands before. */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include <stdint.h>

#include "core/text.h"

/* A string with its quotes: any bytes, made visible as report_add_visible() does. */
void json_add_string(struct text *out, const char *bytes, size_t n);

void json_add_u64(struct text *out, uint64_t value);

/* What is not finite becomes null: JSON has no such numbers. */
void json_add_f64(struct text *out, double value);

/* The comma before a further element of an array, or key of an object; none after ":" or a line break. */
void json_separate(struct text *out);

/* The key of an object; its value follows. */
void json_add_key(struct text *out, const char *key);

/* A key with a string, a whole number or any number. */
void json_add_pair(struct text *out, const char *key, const char *value);
void json_add_pair_u64(struct text *out, const char *key, uint64_t value);
void json_add_pair_f64(struct text *out, const char *key, double value);

#endif
