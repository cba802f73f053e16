/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What stands above the tree and below it. Part of view_text.c. */
#ifndef TREE_VIEW_SECTIONS_H
#define TREE_VIEW_SECTIONS_H

#include <stdio.h>

#include "tree/view/table.h"
#include "tree/view/view.h"

/* The command, times, processes, energy. */
void sections_print_head(const struct view *view, const struct text_signs *signs, FILE *file);

/* What failed, what waited, what is missing, where the rows are; so many failures at most. */
void sections_print_tail(const struct view *view, const struct text_signs *signs, size_t failures,
                         FILE *file);

/*
 * Whether a process in the list of the costliest is notable, and has no line of its own in the tree.
 */
bool sections_list_is_news(const struct view *view, const struct table *table);

/* A heading and the n costliest processes, aligned with the tree. Returns 0 or -ENOMEM. */
int sections_print_costliest(const struct view *view, const struct text_signs *signs, size_t n,
                             unsigned label_end, FILE *file);

#endif
