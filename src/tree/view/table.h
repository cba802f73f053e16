/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The tree as lines of a terminal: which of them, how wide, with which columns. */
#ifndef TREE_VIEW_TABLE_H
#define TREE_VIEW_TABLE_H

#include <stdio.h>

#include "tree/view/columns.h"
#include "tree/view/view.h"

/* Cells at the left edge. */
#define VIEW_MARGIN 2

/* A node with what its line needs. */
struct table_row {
	const struct tree_node *node;
	size_t depth;
	size_t parent;  /* its row; its own for those at the left edge */
	double largest; /* cost of the node or of anything below */
	bool shown;
	bool last; /* of the siblings that are shown */
};

struct table {
	const struct view *view;
	const struct text_signs *signs;
	struct table_row *rows; /* parents before children */
	size_t n_rows, n_shown;
	size_t max_depth;                  /* levels drawn as such */
	const struct tree_node *costliest; /* shown node with the largest own cost; or NULL */
	bool is_whole;                     /* each process has a line of its own */
	struct columns columns;
	bool has_total;     /* the last line is to be the total */
	unsigned label_end; /* where the first column ends */
};

/* All lines of a settled tree. Returns 0 or -ENOMEM; fini in any case. */
int table_init(struct table *table, const struct view *view, const struct text_signs *signs);
void table_fini(struct table *table);

/* Show the costliest so many lines (0: all), parents with their children. Returns 0 or -ENOMEM. */
int table_choose(struct table *table, size_t max_lines);

/* Scales and widths of the columns for the lines that are shown. Returns 0 or -ENOMEM. */
int table_measure(struct table *table);

/* Set widths and draw. Returns 0 or -ENOMEM. */
int table_draw(struct table *table, FILE *file);

/* What table_draw() prints below the lines: what was left out. As many lines at most. */
#define TABLE_NOTES_MAX 3
void table_draw_notes(const struct table *table, FILE *file);

/* The heading of columns, after the line's own title; and the numbers of one line. */
void table_put_headings(struct text_line *line, const struct columns *columns);
void table_put_numbers(struct text_line *line, const struct columns *columns,
                       const struct subject *subject, bool bold);

#endif
