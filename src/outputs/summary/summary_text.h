/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Text for a terminal: names that hold any bytes made safe to show, cut to a number of cells (a
 * cell is the room of one Latin letter), and numbers with three digits that matter.
 */
#ifndef AGENT_SUMMARY_TEXT_H
#define AGENT_SUMMARY_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "core/printable.h"

/* Signs that are drawn as the user's locale can show them. */
struct text_signs {
	struct printable printable;       /* how names of others are shown */
	const char *branch, *last_branch; /* before a child, of which more follow or none */
	const char *line, *blank;         /* below a branch that goes on, or that has ended */
	const char *times, *ellipsis, *micro, *at_least;
};

/* A line under construction. What does not fit into it is left out, whole characters only. */
struct text_line {
	const struct text_signs *signs;
	unsigned cells;
	size_t length;
	char bytes[4096]; /* NUL-terminated */
};

/*
 * As the environment says (LC_ALL, LC_CTYPE, LANG): box drawing with UTF-8, ASCII otherwise. The
 * program's own locale stays as it is.
 */
void text_signs_init(struct text_signs *signs);
void text_signs_fini(struct text_signs *signs);

void text_start(struct text_line *line, const struct text_signs *signs);

/* Append a text of ours: printable, in the signs' encoding. */
void text_put(struct text_line *line, const char *text);

/*
 * Append a text of somebody else's, as printable_next() shows it. At most max_cells; what is longer
 * ends with an ellipsis.
 */
void text_put_name(struct text_line *line, const char *name, unsigned max_cells);

/* The cells that text_put_name() takes for a name that is not cut. */
unsigned text_name_cells(const struct text_signs *signs, const char *name);

/* Append blanks until the line is this many cells wide. */
void text_pad(struct text_line *line, unsigned cells);

/* Append a short text of ours at the right end of a column that ends after so many cells. */
void text_put_right(struct text_line *line, const char *text, unsigned end);

/* Room for any of the numbers below. */
#define TEXT_NUMBER_SIZE 32

/* "0", "999", "12.3k", "4.56M". */
void text_count(uint64_t count, char text[static TEXT_NUMBER_SIZE]);

/* "0", "950 ns", "17.2 µs", "1.23 s", "2m03s", "5h07m". */
void text_duration(uint64_t ns, const struct text_signs *signs, char text[static TEXT_NUMBER_SIZE]);

/* "0 J", "0.898 J", "50.3 J", "1.20 kJ". */
void text_energy(double joules, char text[static TEXT_NUMBER_SIZE]);

#endif
