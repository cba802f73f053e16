/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The sections above and below the tree. Part of view_text.c. */
#ifndef TREE_VIEW_SECTIONS_H
#define TREE_VIEW_SECTIONS_H

#include <stdio.h>

#include "tree/view/table.h"
#include "tree/view/view.h"

/* The command, times, processes, energy. */
void sections_print_head(const struct view *view, const struct text_signs *signs, FILE *file);

/* How much of each section below the tree is shown. */
struct tail_limits {
	size_t failures; /* groups of failures */
	size_t hottest;  /* commands whose hottest functions are named */
	size_t notes;    /* without losses, which are always shown */
};

/* Failures, waits, losses and notes, and the files that have the rows. */
void sections_print_tail(const struct view *view, const struct text_signs *signs,
                         const struct tail_limits *limits, FILE *file);

/* The value of a figure with its unit: "2.65 J". */
void sections_put_figure(const struct run_figure *figure, const struct text_signs *signs,
                         char text[static TEXT_NUMBER_SIZE]);

/* The energy of all processes, if there is any, and figures whose part it is. */
bool sections_has_energy(const struct view *view, double *joules);

/*
 * Whether processes waited long enough to be shown: at least a hundredth of the time that they ran
 * or waited. field: "runqueue-wait" or "block-wait".
 */
bool sections_has_wait(const struct view *view, const char *field, double *ns);

/*
 * Whether the list of the costliest processes has a notable one without its own line in the tree.
 */
bool sections_list_is_news(const struct view *view, const struct table *table);

/* Print a heading and the n costliest processes, aligned with the tree. Returns 0 or -ENOMEM. */
int sections_print_costliest(const struct view *view, const struct text_signs *signs, size_t n,
                             unsigned label_end, FILE *file);

#endif
