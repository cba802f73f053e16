/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Text that fits a terminal. */
#ifndef AGENT_WRAP_H
#define AGENT_WRAP_H

#include <stddef.h>
#include <stdio.h>

/* Columns of the narrowest terminal that is common. */
#define WRAP_WIDTH 80

/*
 * Print text from a column on, wrapped at blanks where it would go beyond WRAP_WIDTH; every line
 * after the first begins with begin: blanks, or a comment sign. Line breaks in text stay. Ends with
 * a line break. What a terminal would obey is shown escaped (core/printable.h).
 */
void wrap_print(FILE *out, const char *text, size_t column, const char *begin);

#endif
