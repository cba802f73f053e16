/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Text for a terminal: lines made of our words and of others' names, which are made safe to show and
 * cut to a number of cells (a cell is the room of one Latin letter).
 */
#ifndef TREE_VIEW_TEXT_H
#define TREE_VIEW_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/printable.h"

/* Signs that are drawn as the user's locale can show them, and whether in colour. */
struct text_signs {
	struct printable printable;
	bool colour;
	const char *branch, *last_branch; /* before a child, of which more follow or none */
	const char *line, *blank;         /* below a branch that goes on, or that has ended */
	const char *times, *ellipsis, *micro, *at_least, *dot;
};

enum text_style { TEXT_PLAIN, TEXT_BOLD, TEXT_DIM, TEXT_RED, TEXT_YELLOW };

/* A line under construction. What does not fit into it is left out, whole characters only. */
struct text_line {
	const struct text_signs *signs;
	unsigned cells;
	size_t length;
	enum text_style style;
	char bytes[8192]; /* NUL-terminated */
};

/*
 * As the environment says (LC_ALL, LC_CTYPE, LANG): box drawing with UTF-8, ASCII otherwise. The
 * program's own locale stays as it is.
 */
void text_signs_init(struct text_signs *signs, bool colour);

/* As with a locale in UTF-8, whatever the user's is: for a file that others will read. */
void text_signs_init_utf8(struct text_signs *signs);
void text_signs_fini(struct text_signs *signs);

void text_start(struct text_line *line, const struct text_signs *signs);

/* What is appended from now on looks so; nothing happens without colour. End with TEXT_PLAIN. */
void text_style(struct text_line *line, enum text_style style);

/* Append a text of ours: printable, in the signs' encoding. */
void text_put(struct text_line *line, const char *text);

/*
 * Append a text of somebody else's, as printable_next() shows it; LABEL_CUT is an ellipsis. What takes
 * more than max_cells is cut: text_put_name() at its end, text_put_middle() in its middle.
 */
void text_put_name(struct text_line *line, const char *name, unsigned max_cells);
void text_put_middle(struct text_line *line, const char *name, unsigned max_cells);

/* The cells that they take for a name that is not cut. */
unsigned text_name_cells(const struct text_signs *signs, const char *name);

/* Append blanks until the line is this many cells wide. */
void text_pad(struct text_line *line, unsigned cells);

/* Cells of a text of ours. */
unsigned text_own_cells(const char *text);

/* Append a short text of ours at the right end of a column that ends after so many cells. */
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
