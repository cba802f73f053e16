/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The rows of a file, one after another, into the data of a report. */
#ifndef REPORT_READ_ROWS_H
#define REPORT_READ_ROWS_H

#include "report/builder.h"
#include "report/lexer.h"
#include "report/rfc3339.h"

/* While one file is read. */
struct reader {
	struct builder builder;
	struct rfc3339_cache times;
	const char *name;
	size_t first_run;
	size_t bad_rows; /* without a time or a number where one must be */
};

/*
 * Take a row. One that has no time or no number where one must be is counted as bad, and passed over.
 * Returns 0 or -ENOMEM.
 */
int read_row(struct reader *reader, const struct report_row *row);

#endif
