/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Makes text from others (names of files and processes, arguments, environment) safe to print: it
 * must not control the terminal. All code that prints such text uses this.
 */
#ifndef CORE_PRINTABLE_H
#define CORE_PRINTABLE_H

#include <locale.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The user's character set. */
struct printable {
	locale_t locale; /* (locale_t)0: the environment's locale is not installed */
	bool utf8;
};

/*
 * Use the character set of the environment (LC_ALL, LC_CTYPE, LANG), or ASCII if that is not UTF-8.
 * The program's own locale is not changed.
 */
void printable_init(struct printable *printable);
void printable_fini(struct printable *printable);

/* One character, as it is printed. */
struct glyph {
	size_t taken;   /* bytes of the text that it represents */
	size_t length;  /* bytes that are printed */
	unsigned cells; /* terminal columns; a Latin letter has 1 */
	char bytes[12]; /* not NUL-terminated */
};

/*
 * Take the first character of a non-empty text. Escaped as in C are control characters (C0, DEL,
 * and C1, which control some terminals: \n, \x1b, \u009b), bytes that are not UTF-8 (\xff),
 * unprintable characters, and invisible ones that change the direction of writing (\u202e). If the
 * user's character set is not UTF-8, every byte beyond ASCII is escaped.
 */
struct glyph printable_next(const struct printable *printable, const char *text);

/* Print length bytes of the text, escaped. Returns the number of columns that they take. */
size_t printable_print(const struct printable *printable, const char *text, size_t length,
                       FILE *out);

#endif
