/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* "  title        item   item": items side by side, going on below the first where a line is full. */
#ifndef TREE_VIEW_FLOW_H
#define TREE_VIEW_FLOW_H

#include <stdio.h>

#include "tree/view/text.h"

#define FLOW_TITLE_CELLS 15 /* "  wall time    " */

struct flow {
	FILE *file;
	const struct text_signs *signs;
	unsigned columns; /* of the terminal; 0: no limit */
	const char *gap;  /* between items */
	struct text_line line;
	bool is_empty; /* no item on the line */
};

void flow_start(struct flow *flow, FILE *file, const struct text_signs *signs, unsigned columns,
                const char *title, enum text_style style);

/* Append what the item's line holds, on a line of its own if need be. */
void flow_item(struct flow *flow, const struct text_line *item);

/* Append a text of ours word by word. */
void flow_words(struct flow *flow, const char *words);

/* The cells that an item can have at most without leaving the terminal. */
unsigned flow_room(const struct flow *flow);

/* Go on below, if there is something on the line. */
void flow_break(struct flow *flow);

/* Print the last line. */
void flow_end(struct flow *flow);

#endif
