/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The label of a process, or of a node of similar ones, on a line: name, arguments, number, and how
 * they ended.
 */
#ifndef TREE_VIEW_LABEL_LINE_H
#define TREE_VIEW_LABEL_LINE_H

#include "tree/tree.h"
#include "tree/view/text.h"

/*
 * The cells of a node's label without a limit. marks_living, here and below: the label says so if
 * processes are still running.
 */
unsigned label_line_cells(const struct text_signs *signs, const struct tree_node *node,
                          bool marks_living);

/*
 * Append a node's label in at most room cells: "cc1 …/networking.c ×2 (exit 1)". If it does not
 * fit, arguments are cut in the middle, then left out, and then what follows them.
 */
void label_line_put(struct text_line *line, const struct tree_node *node, bool marks_living,
                    unsigned room, bool bold);

/* The same for a remembered process, with its whole command line if there is room. */
void label_line_put_ranked(struct text_line *line, const struct ranked *ranked, bool marks_living,
                           unsigned room, bool bold);
unsigned label_line_ranked_cells(const struct text_signs *signs, const struct ranked *ranked,
                                 bool marks_living);

#endif
