/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Wraps text to the width of a terminal. */
#ifndef CORE_WRAP_H
#define CORE_WRAP_H

#include <stddef.h>
#include <stdio.h>

/* Width of the narrowest common terminal, in columns. */
#define WRAP_WIDTH 80

/*
 * Print text, starting at this column, wrapped at blanks to WRAP_WIDTH. Every line after the first
 * starts with begin: blanks, or a comment sign. Line breaks in text are kept. Ends with a line
 * break. Control characters are escaped (core/printable.h).
 */
void wrap_print(FILE *out, const char *text, size_t column, const char *begin);

#endif
