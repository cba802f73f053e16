/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Adds the rows of a file, one after another, to the data of a report. */
#ifndef REPORT_READ_ROWS_H
#define REPORT_READ_ROWS_H

#include "report/builder.h"
#include "report/lexer.h"
#include "report/rfc3339.h"

/* The state while files are read. */
struct reader {
	struct builder builder;
	struct rfc3339_cache times;
	const char *name;
	size_t first_run;
	size_t bad_rows; /* rows of the file that lack a time or a number */
};

/*
 * Add a row. A row that lacks a time or a number is counted as bad, and skipped. Returns 0 or
 * -ENOMEM.
 */
int read_row(struct reader *reader, const struct report_row *row);

#endif
