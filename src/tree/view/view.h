/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The costs of a run, for people and programs: as text for a terminal or a log, as Markdown, or as
 * JSON. Filled from a run that has just ended, or from the file of an earlier one.
 */
#ifndef TREE_VIEW_VIEW_H
#define TREE_VIEW_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "alumet/run.h"
#include "tree/hot.h"
#include "tree/tree.h"
#include "tree/view/energies.h"

struct view {
	struct tree *tree;   /* settled by the functions below; NULL: no processes were followed */
	const char *no_tree; /* instead of the tree: a line that says why; or NULL */
	char *const *argv;   /* of the command, NULL-terminated; or NULL */
	const char *heading; /* instead of argv: the command as one text */
	uint64_t wall_ns;    /* 0: not known */
	bool has_status;     /* wait_status is known */
	int wait_status;
	bool detached; /* the command is still running */
	bool is_watch; /* of running processes: most still run, so lines do not mark it */
	const struct energy_sums *energies; /* sorted; or NULL */
	size_t n_figures;
	const struct run_figure *figures;
	struct hot *hot; /* the hottest functions; NULL: the run has no profile */
	size_t n_notices;
	const struct run_notice *notices;
	size_t n_paths; /* files that have the rows */
	const char *const *paths;

	/* For the text only: */
	bool is_full;     /* the whole tree, not what fits on a screen */
	const char *more; /* how to see it whole: "--summary=full"; or NULL */
	unsigned columns; /* of the terminal; 0: not a terminal, lines have no limit */
	unsigned rows;    /* of the terminal; 0: not known */
	bool colour;
};

/* Each returns 0 or -ENOMEM. The caller checks the file for errors. */
int view_text(const struct view *view, FILE *file);
int view_markdown(const struct view *view, FILE *file);
int view_json(const struct view *view, FILE *file);

#endif
