/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * "  title        item   item": items side by side, continued below the first when a line is full.
 */
#ifndef TREE_VIEW_FLOW_H
#define TREE_VIEW_FLOW_H

#include <stdbool.h>
#include <stdio.h>

#include "tree/view/text.h"

#define FLOW_TITLE_CELLS 15 /* "  wall time    " */

struct flow {
	FILE *file;
	const struct text_signs *signs;
	unsigned columns; /* of the terminal; 0: no limit */
	const char *gap;  /* between items; a ',' stays at the end of a full line */
	unsigned indent;  /* of the lines below the first */
	bool is_list;     /* reserve a cell for a comma, whatever the current gap is */
	struct text_line line;
	bool is_empty; /* no item on the line */
};

void flow_start(struct flow *flow, FILE *file, const struct text_signs *signs, unsigned columns,
                const char *title, enum text_style style);

/* Append the text of the item's line, on a new line if needed. */
void flow_item(struct flow *flow, const struct text_line *item);

/* Append our own text word by word. */
void flow_words(struct flow *flow, const char *words);

/* The cells that an item may have at most to fit on a line of the terminal. */
unsigned flow_room(const struct flow *flow);

/* Begin a new line, unless the current one is empty. */
void flow_break(struct flow *flow);

/* Print the last line. */
void flow_end(struct flow *flow);

#endif
