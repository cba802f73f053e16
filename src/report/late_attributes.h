/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The last cell of a row: "key=value,key=value". A '\' escapes the next character. The delimiter is
 * a setting of the output that the header does not show, so it is detected in the first cell with
 * two attributes.
 */
#ifndef REPORT_LATE_ATTRIBUTES_H
#define REPORT_LATE_ATTRIBUTES_H

#include "report/lexer.h"

/* Zeroed: the delimiter is not known yet. */
struct late_format {
	char delimiter[4];
	size_t n;
};

/*
 * Split a cell in place, and remove the escapes. Each key and value is NUL-terminated. Skips
 * whatever has no '='. Returns the number of attributes, max at most.
 */
size_t late_attributes_split(struct late_format *format, struct report_bytes cell,
                             struct report_attribute *attributes, size_t max);

#endif
