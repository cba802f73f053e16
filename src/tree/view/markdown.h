/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Foreign text in Markdown: made safe, so that nothing in it is Markdown, HTML, or a terminal's
 * escape.
 */
#ifndef TREE_VIEW_MARKDOWN_H
#define TREE_VIEW_MARKDOWN_H

#include <stdbool.h>
#include <stdio.h>

struct text_signs;

/* Print a name as code, cut in the middle if it is long. in_cell: in a table. */
void markdown_put_code(FILE *file, const struct text_signs *signs, const char *name, bool in_cell);

/* Print a sentence of ours that may contain such a name; also for a cell of a table. */
void markdown_put_text(FILE *file, const struct text_signs *signs, const char *text);

#endif
