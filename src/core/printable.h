/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Text that others wrote (names of files and processes, arguments, environment), made safe to print:
 * a terminal must not obey it. Everything that prints such a text asks here, character by character.
 */
#ifndef CORE_PRINTABLE_H
#define CORE_PRINTABLE_H

#include <locale.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The user's character set. */
struct printable {
	locale_t locale; /* (locale_t)0: the one that the environment names is not installed */
	bool utf8;
};

/*
 * As the environment says (LC_ALL, LC_CTYPE, LANG); ASCII where that is not UTF-8. The program's own
 * locale stays as it is.
 */
void printable_init(struct printable *printable);
void printable_fini(struct printable *printable);

/* One character, as it is printed. */
struct glyph {
	size_t taken;   /* bytes of the text that it stands for */
	size_t length;  /* of bytes */
	unsigned cells; /* columns of a terminal; the room of one Latin letter is 1 */
	char bytes[12]; /* not NUL-terminated */
};

/*
 * The first character of a text that is not empty. Escaped, as C does it, are control characters (C0,
 * DEL, and C1, which some terminals obey: \n, \x1b, \u009b), bytes that are not UTF-8 (\xff), what is
 * not printable, and signs that are not seen but change the direction of writing (\u202e). Where the
 * user's character set is not UTF-8, every byte beyond ASCII is escaped.
 */
struct glyph printable_next(const struct printable *printable, const char *text);

/* Print the first bytes of a text so. Returns the columns that they take. */
size_t printable_print(const struct printable *printable, const char *text, size_t length,
                       FILE *out);

#endif
