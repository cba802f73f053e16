/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Splits a CSV file of measurements, of this agent or of Alumet, into rows and cells. The header
 * shows the delimiter and the columns; a column other than the fixed ones is an attribute.
 */
#ifndef REPORT_LEXER_H
#define REPORT_LEXER_H

#include <stdbool.h>
#include <stddef.h>

#include "report/input.h"

/* Cells and attributes of a row at most; rows with more cells count as damage. */
#define LEXER_CELLS_MAX 128
#define LEXER_ATTRIBUTES_MAX 64

/* Bytes of the lexer's buffer, valid until the next row. */
struct report_bytes {
	char *at;
	size_t n;
};

struct report_attribute {
	struct report_bytes key, value;
};

struct report_row {
	struct report_bytes metric, time, value;
	struct report_bytes resource_kind, resource_id, consumer_kind, consumer_id;
	size_t n_attributes;
	struct report_attribute attributes[LEXER_ATTRIBUTES_MAX];
};

struct report_lexer;

/* Damage that was found in rows. */
struct report_damage {
	size_t rows;     /* lines that are no rows: wrong number of cells, or unclosed quotes */
	bool unfinished; /* the file ends in the middle of a row */
};

/*
 * Read the header. Returns 0; -EBADMSG, logged, if this is not a file of measurements; or another
 * negative errno, logged. name is for messages. The input must outlive the lexer.
 */
int report_lexer_new(struct report_input *input, const char *name, struct report_lexer **lexer);
void report_lexer_free(struct report_lexer *lexer);

/* Read the next row. Returns 1, 0 at the end, or a negative errno after logging it. */
int report_lexer_next(struct report_lexer *lexer, struct report_row *row);

const struct report_damage *report_lexer_damage(const struct report_lexer *lexer);

/* Whether the bytes are this text. */
bool report_bytes_equal(struct report_bytes bytes, const char *text);

#endif
