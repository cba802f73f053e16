/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The hottest functions of the costliest commands, in each form of a view. */
#ifndef TREE_VIEW_HOTTEST_H
#define TREE_VIEW_HOTTEST_H

#include <stdio.h>

#include "tree/view/json.h"
#include "tree/view/view.h"

struct text_signs;

/* Each does nothing if the run has no profile. max: commands, at most. */
void hottest_print(const struct view *view, const struct text_signs *signs, size_t max, FILE *file);
void hottest_print_markdown(const struct view *view, const struct text_signs *signs, FILE *file);
void hottest_put_json(const struct view *view, struct json *json);

#endif
