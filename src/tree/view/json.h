/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A JSON text (RFC 8259), written as it goes; commas and indentation are seen to. */
#ifndef TREE_VIEW_JSON_H
#define TREE_VIEW_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *file;
	unsigned depth;
	bool is_first; /* nothing stands before in this object or array */
};

void json_start(struct json *json, FILE *file);

/* key: NULL for an element of an array, and for the outermost value. */
void json_open(struct json *json, const char *key, char bracket);
void json_close(struct json *json, char bracket);
void json_u64(struct json *json, const char *key, uint64_t value);
void json_double(struct json *json, const char *key, double value);
void json_bool(struct json *json, const char *key, bool value);
void json_null(struct json *json, const char *key);

/*
 * A text of any bytes: what is not UTF-8 is written as \xff in letters, LABEL_CUT as an ellipsis.
 */
void json_text(struct json *json, const char *key, const char *text);

/* A line end after the outermost value. */
void json_finish(struct json *json);

#endif
