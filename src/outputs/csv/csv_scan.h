/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where the rows of a CSV text end: at an LF, unless it is inside quotes and part of a cell. */
#ifndef OUTPUTS_CSV_SCAN_H
#define OUTPUTS_CSV_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "outputs/csv/csv_delimiter.h"
#include "outputs/file/output_file.h"

/* Zeros: the start of a text. */
struct csv_scan {
	bool quoted;
	uint64_t n_scanned; /* bytes so far */
	uint64_t n_whole;   /* bytes up to the end of the last whole row */
};

/* The next n bytes of the text. */
void csv_scan(struct csv_scan *scan, const char *data, size_t n);

/* How many of the n bytes, the first of which begins a row, are whole rows. */
size_t csv_whole_rows(const char *data, size_t n);

/*
 * Whether rows under this header can be added to the file, which was opened to be appended to.
 * Returns 1 if it has that header and ends with a whole row, 0 if it is empty or not a regular
 * file, -EINVAL if it has another header or an unfinished row, or -errno; told to the user.
 */
int csv_check_append(const struct output_file *file, const char *header, size_t n,
                     struct csv_delimiter delimiter);

#endif
