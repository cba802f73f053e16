/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds where the rows of a CSV text end: at an LF, unless it is in quotes and part of a cell. */
#ifndef OUTPUTS_FILE_CSV_SCAN_H
#define OUTPUTS_FILE_CSV_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "outputs/file/csv_delimiter.h"
#include "outputs/file/output_file.h"

/* Zeroed: the start of a text. */
struct csv_scan {
	bool quoted;
	uint64_t n_scanned; /* bytes so far */
	uint64_t n_whole;   /* bytes up to the end of the last whole row */
};

/* Scan the next n bytes of the text. */
void csv_scan(struct csv_scan *scan, const char *data, size_t n);

/* How many of the n bytes belong to whole rows. The first byte begins a row. */
size_t csv_whole_rows(const char *data, size_t n);

/*
 * Check whether rows with this header can be added to the file, which was opened for appending.
 * Returns 1 if it has that header and ends with a whole row, 0 if it is empty or not a regular
 * file, -EINVAL if it has another header or an unfinished row, or -errno; logged.
 */
int csv_check_append(const struct output_file *file, const char *header, size_t n,
                     struct csv_delimiter delimiter);

/*
 * Find the number of the last run in such a file, from the attribute run of its rows: 1 if they
 * have none, 0 if there are no rows or it is not a regular file. late: the delimiter between
 * attributes. Returns 0, or a negative errno, logged.
 */
int csv_last_run(const struct output_file *file, size_t header_size, struct csv_delimiter delimiter,
                 struct csv_delimiter late, uint32_t *run);

#endif
