/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Writes JSON text (RFC 8259) piece by piece, with commas and indentation. */
#ifndef TREE_VIEW_JSON_H
#define TREE_VIEW_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *file;
	unsigned depth;
	bool is_first; /* there is nothing yet in this object or array */
};

void json_start(struct json *json, FILE *file);

/* key: NULL for an element of an array, and for the outermost value. */
void json_open(struct json *json, const char *key, char bracket);
void json_close(struct json *json, char bracket);
void json_u64(struct json *json, const char *key, uint64_t value);
void json_double(struct json *json, const char *key, double value);
void json_bool(struct json *json, const char *key, bool value);

/*
 * A string of any bytes: those that are not UTF-8 are written as the text \xff, LABEL_CUT as an
 * ellipsis.
 */
void json_text(struct json *json, const char *key, const char *text);

/* End the line after the outermost value. */
void json_finish(struct json *json);

#endif
