/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How the tree is drawn: which lines, how wide, which columns. Part of the summary. */
#ifndef AGENT_SUMMARY_PRINT_H
#define AGENT_SUMMARY_PRINT_H

#include <stdio.h>

#include "outputs/summary/summary_text.h"
#include "outputs/summary/tree.h"

struct tree_drawing {
	const struct tree *tree; /* settled */
	const struct text_signs *signs;
	const char *const *counter_names; /* tree_n_counters() of them */
	unsigned columns;                 /* of the screen; 0: no limit */
	size_t max_lines;                 /* of the tree itself; 0: no limit */
	uint64_t cpu_ns;                  /* of the "total" line */
	const struct tree_counter *total;
};

/* Draw. Without memory nothing is drawn but a line that says so. */
void tree_draw(const struct tree_drawing *drawing, FILE *file);

/* "exit 3", "SIGKILL" for a wait status that is not 0; "" for 0. */
void describe_wait_status(int wait_status, char text[static TEXT_NUMBER_SIZE]);

#endif
