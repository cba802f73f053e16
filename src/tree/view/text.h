/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Text for a terminal: lines of our own words and of foreign names, which are made printable and
 * cut to a number of cells (a cell is the width of a Latin letter).
 */
#ifndef TREE_VIEW_TEXT_H
#define TREE_VIEW_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/printable.h"

/* Signs that the user's locale can show, and whether to use colour. */
struct text_signs {
	struct printable printable;
	bool colour;
	const char *branch, *last_branch; /* before any other child, before the last one */
	const char *line, *blank;         /* below a branch that continues, or that has ended */
	const char *times, *ellipsis, *micro, *at_least, *dot;
};

/* When to use colours; in the order of the setting's choices. */
enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* COLOR_AUTO: on a terminal that is not "dumb", unless NO_COLOR is set (https://no-color.org). */
bool text_wants_colour(enum color_when when, bool is_terminal);

enum text_style { TEXT_PLAIN, TEXT_BOLD, TEXT_DIM, TEXT_RED, TEXT_YELLOW };

/* A line under construction. Text that does not fit is left out, by whole characters. */
struct text_line {
	const struct text_signs *signs;
	unsigned cells;
	size_t length;
	enum text_style style;
	char bytes[8192]; /* NUL-terminated */
};

/*
 * Choose signs by the environment (LC_ALL, LC_CTYPE, LANG): box drawing with UTF-8, else ASCII.
 * Does not change the program's own locale.
 */
void text_signs_init(struct text_signs *signs, bool colour);

/* Signs of a UTF-8 locale, whatever the user's is: for a file that others will read. */
void text_signs_init_utf8(struct text_signs *signs);
void text_signs_fini(struct text_signs *signs);

void text_start(struct text_line *line, const struct text_signs *signs);

/* Set the style of what is appended from now on; no effect without colour. End with TEXT_PLAIN. */
void text_style(struct text_line *line, enum text_style style);

/* Append our own text: printable, in the signs' encoding. */
void text_put(struct text_line *line, const char *text);

/*
 * Append foreign text as printable_next() shows it, with LABEL_CUT as an ellipsis. If it takes more
 * than max_cells, it is cut: text_put_name() at its end, text_put_middle() in its middle.
 */
void text_put_name(struct text_line *line, const char *name, unsigned max_cells);
void text_put_middle(struct text_line *line, const char *name, unsigned max_cells);

/* The cells of a name that is not cut. */
unsigned text_name_cells(const struct text_signs *signs, const char *name);

/* Append blanks until the line is this many cells wide. */
void text_pad(struct text_line *line, unsigned cells);

/* The cells of our own text. */
unsigned text_own_cells(const char *text);

/* Append our own short text, right-aligned in a column that ends after end cells. */
void text_put_right(struct text_line *line, const char *text, unsigned end);

/* Room for any of the numbers below, and those of tree/view/scale.h. */
#define TEXT_NUMBER_SIZE 48

/* "0", "950 ns", "17.2 µs", "1.23 s", "2m03s", "5h07m". */
void text_duration(uint64_t ns, const struct text_signs *signs, char text[static TEXT_NUMBER_SIZE]);

/* "0 J", "0.898 J", "50.3 J", "1.20 kJ". */
void text_energy(double joules, char text[static TEXT_NUMBER_SIZE]);

/* "512 B", "1.23 MiB". */
void text_bytes(double bytes, char text[static TEXT_NUMBER_SIZE]);

#endif
