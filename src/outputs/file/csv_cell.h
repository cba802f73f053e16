/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* CSV cells according to RFC 4180. Out of memory: out->failed. */
#ifndef OUTPUTS_FILE_CSV_CELL_H
#define OUTPUTS_FILE_CSV_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "core/text.h"
#include "outputs/file/csv_delimiter.h"

/* Add a cell, quoted if it contains the delimiter, a double quote, CR or LF. */
void csv_add_cell(struct text *out, const char *bytes, size_t n, struct csv_delimiter delimiter);

static inline void csv_add_delimiter(struct text *out, struct csv_delimiter delimiter)
{
	text_add(out, delimiter.bytes, delimiter.n);
}

/* Whether the n bytes, at least one, begin with the delimiter. */
static inline bool csv_holds_delimiter(const char *at, size_t n, struct csv_delimiter delimiter)
{
	return *at == *delimiter.bytes && n >= delimiter.n &&
	       memcmp(at, delimiter.bytes, delimiter.n) == 0;
}

#endif
