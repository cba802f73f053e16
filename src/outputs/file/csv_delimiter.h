/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The delimiter between two cells, or between two attributes in the last cell. */
#ifndef OUTPUTS_FILE_CSV_DELIMITER_H
#define OUTPUTS_FILE_CSV_DELIMITER_H

#include <stddef.h>

/* One character in UTF-8. */
struct csv_delimiter {
	const char *bytes; /* of the settings */
	size_t n;
};

/* struct setting_values.problem of csv_delimiter and csv_late_delimiter. */
const char *csv_delimiter_problem(const void *field);
const char *csv_late_delimiter_problem(const void *field);

#endif
