/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How a process, or a node of alike ones, is written on a line: name, arguments, how many, how ended. */
#ifndef TREE_VIEW_LABEL_LINE_H
#define TREE_VIEW_LABEL_LINE_H

#include "tree/tree.h"
#include "tree/view/text.h"

/* The cells that a node's label takes where nothing limits them. */
unsigned label_line_cells(const struct text_signs *signs, const struct tree_node *node);

/*
 * Append a node's label, in so many cells at most: "cc1 …/networking.c ×2 (exit 1)". Arguments are cut
 * in the middle, then left out; then what follows them is.
 */
void label_line_put(struct text_line *line, const struct tree_node *node, unsigned room, bool bold);

/* The same of one process that is remembered; its whole command line where that has room. */
void label_line_put_ranked(struct text_line *line, const struct ranked *ranked, unsigned room,
                           bool bold);
unsigned label_line_ranked_cells(const struct text_signs *signs, const struct ranked *ranked);

#endif
