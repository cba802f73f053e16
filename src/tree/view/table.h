/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The tree as lines on a terminal: which lines, how wide, and with which columns. */
#ifndef TREE_VIEW_TABLE_H
#define TREE_VIEW_TABLE_H

#include <stdio.h>

#include "tree/view/columns.h"
#include "tree/view/view.h"

/* Cells at the left edge. */
#define VIEW_MARGIN 2

/* A node, and what its line needs. */
struct table_row {
	const struct tree_node *node;
	size_t depth;   /* counting shown ancestors only */
	size_t parent;  /* index of its row; its own at the left edge */
	bool is_trunk;  /* it only started what is below it: its line is dropped before others */
	bool skips;     /* its parent is not shown: it hangs on the nearest ancestor that is */
	double largest; /* largest cost of the node and all below */
	bool shown;
	bool last; /* of the siblings that are shown */
};

struct table {
	const struct view *view;
	const struct text_signs *signs;
	struct table_row *rows; /* parents before children */
	size_t n_rows, n_shown;
	size_t max_depth;                  /* levels drawn as branches */
	const struct tree_node *costliest; /* shown node with the largest own cost; or NULL */
	bool is_whole;                     /* each process has a line of its own */
	struct columns columns;
	bool has_total;     /* the last line is the total */
	unsigned label_end; /* where the first column ends */
};

/* Make the lines of a settled tree. Returns 0 or -ENOMEM; call table_fini() in any case. */
int table_init(struct table *table, const struct view *view, const struct text_signs *signs);
void table_fini(struct table *table);

/*
 * Choose max_lines lines to show (0: all): the costliest ones, and then, if there is room, those
 * that only started others. Returns 0 or -ENOMEM.
 */
int table_choose(struct table *table, size_t max_lines);

/* Set the scales and widths of the columns for the shown lines. Returns 0 or -ENOMEM. */
int table_measure(struct table *table);

/* Set widths and draw. Returns 0 or -ENOMEM. */
int table_draw(struct table *table, FILE *file);

/* Print below the lines of table_draw() what was left out, on this many lines at most. */
#define TABLE_NOTES_MAX 3
void table_draw_notes(const struct table *table, FILE *file);

/* Append the headings of the columns after the line's own title, or the numbers of one line. */
void table_put_headings(struct text_line *line, const struct columns *columns);
void table_put_numbers(struct text_line *line, const struct columns *columns,
                       const struct subject *subject, bool bold);

#endif
