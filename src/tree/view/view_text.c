/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tree/view/sections.h"
#include "tree/view/table.h"
#include "tree/view/view.h"

#define ROWS_OF_A_LOG 60 /* at most, for a short summary without a terminal */
#define ROWS_UNKNOWN 24
#define LEAST_TREE_LINES 3
#define LEAST_LIST_LINES 3
#define LIST_FRAME 2 /* a blank line and the heading */
#define TREE_FRAME 2 /* a blank line and the heading; the rest is found by trying */
#define AROUND 3     /* a blank line before each part, and the prompt */
#define TRIES_MAX 4

/* With fewer rows, less is shown of what stands below the tree: the first limits that fit. */
#define ROWS_FOR_MANY_FAILURES 40
static const struct tail_limits limits[] = {
	{.failures = 6, .hottest = SIZE_MAX, .notes = SIZE_MAX},
	{.failures = 3, .hottest = SIZE_MAX, .notes = SIZE_MAX},
	{.failures = 3, .hottest = 1, .notes = SIZE_MAX},
	{.failures = 1, .hottest = 1, .notes = SIZE_MAX},
	{.failures = 1, .hottest = 1, .notes = 1},
	{.failures = 1, .hottest = 1, .notes = 0},
};

/* A command with more different arguments below one parent is one line. */
#define VARIANTS_SHORT 3
#define VARIANTS_FULL TREE_VARIANTS_MAX

/* A part of the text, made before it is known whether it fits. */
struct part {
	char *text;
	size_t size;
	FILE *file;
	size_t lines;
};

static int part_open(struct part *part)
{
	*part = (struct part){.text = NULL};
	part->file = open_memstream(&part->text, &part->size);
	return part->file ? 0 : -ENOMEM;
}

static int part_close(struct part *part)
{
	bool failed = ferror(part->file);

	if (fclose(part->file) != 0 || failed)
		return -ENOMEM;
	for (const char *c = part->text; *c; c++)
		part->lines += *c == '\n';
	return 0;
}

/* How many lines the tree and the list below it may have. */
struct budget {
	size_t tree; /* 0: no limit */
	size_t list;
};

/*
 * How many lines there may be in total. A log has no limit, but nobody reads hundreds of lines
 * there, either.
 */
static size_t rows_of(const struct view *view)
{
	return view->rows ? view->rows : view->columns ? ROWS_UNKNOWN : ROWS_OF_A_LOG;
}

/*
 * left: lines for the tree's rows and for the list with its frame. is_whole: each process has its
 * own line in the tree, which the list would only repeat.
 */
static struct budget budget_of(const struct view *view, size_t n_rows, size_t n_listed,
                               bool is_whole, size_t left)
{
	struct budget budget;

	if (view->is_full)
		return (struct budget){.list = is_whole && n_rows <= n_listed ? 0 : n_listed};
	if (is_whole && left >= n_rows)
		return (struct budget){.tree = n_rows};
	if (n_listed > 0 && left >= n_rows + LIST_FRAME + n_listed)
		return (struct budget){.tree = n_rows, .list = n_listed};
	if (n_listed == 0 || left < LEAST_TREE_LINES + LIST_FRAME + LEAST_LIST_LINES)
		return (struct budget){.tree = left > LEAST_TREE_LINES ? left : LEAST_TREE_LINES};
	/* Two thirds for the tree; each gets what the other does not need. */
	budget.tree = (left - LIST_FRAME) * 2 / 3;
	budget.tree = budget.tree > n_rows ? n_rows : budget.tree;
	budget.list = left - LIST_FRAME - budget.tree;
	budget.list = budget.list > n_listed ? n_listed : budget.list;
	budget.tree = left - LIST_FRAME - budget.list;
	return budget;
}

static int print_tree(const struct view *view, const struct text_signs *signs, size_t left,
                      FILE *file)
{
	struct table table;
	struct budget budget;
	int err = table_init(&table, view, signs);

	if (!err)
		err = table_choose(&table, 0);
	if (!err && table.n_rows > 0) {
		budget = budget_of(view, table.n_rows, tree_costliest(view->tree)->n,
		                   table.is_whole, left);
		err = table_choose(&table, budget.tree);
		if (!err && !view->is_full && !sections_list_is_news(view, &table)) {
			budget = budget_of(view, table.n_rows, 0, table.is_whole, left);
			err = table_choose(&table, budget.tree);
		}
		fputc('\n', file);
		if (!err)
			err = table_draw(&table, file);
		if (!err)
			table_draw_notes(&table, file);
		if (!err && budget.list > 0)
			err = sections_print_costliest(view, signs, budget.list, table.label_end,
			                               file);
	}
	table_fini(&table);
	return err;
}

/* The total and notes of the tree depend on which lines are shown: try until it fits. */
static int make_tree(const struct view *view, const struct text_signs *signs, size_t around,
                     struct part *tree)
{
	const size_t rows = rows_of(view);
	size_t frame = TREE_FRAME;

	for (int tries = 0;; tries++) {
		const size_t left = rows > around + frame ? rows - around - frame : 0;
		int err = part_open(tree);

		if (!err) {
			err = print_tree(view, signs, left, tree->file);
			err = part_close(tree) ? -ENOMEM : err;
		}
		if (err || view->is_full || around + tree->lines <= rows || tries == TRIES_MAX)
			return err;
		frame += around + tree->lines - rows;
		free(tree->text);
	}
}

static int make_head(const struct view *view, const struct text_signs *signs, struct part *head)
{
	int err = part_open(head);

	if (err)
		return err;
	sections_print_head(view, signs, head->file);
	return part_close(head);
}

static int make_tail(const struct view *view, const struct text_signs *signs,
                     const struct tail_limits *shown, struct part *tail)
{
	int err = part_open(tail);

	if (err)
		return err;
	sections_print_tail(view, signs, shown, tail->file);
	return part_close(tail);
}

/* Make the tree and what stands below it, of which less is shown if they would not fit. */
static int make_rest(const struct view *view, const struct text_signs *signs, size_t head,
                     struct part *tree, struct part *tail)
{
	const size_t rows = rows_of(view), n = sizeof(limits) / sizeof(limits[0]);
	const struct tail_limits all = {SIZE_MAX, SIZE_MAX, SIZE_MAX};

	for (size_t i = rows < ROWS_FOR_MANY_FAILURES;; i++) {
		int err = make_tail(view, signs, view->is_full ? &all : &limits[i], tail);

		*tree = (struct part){.text = NULL};
		if (!err && view->tree)
			err = make_tree(view, signs, head + tail->lines + AROUND, tree);
		if (err || view->is_full || i + 1 == n ||
		    head + tail->lines + AROUND + tree->lines <= rows)
			return err;
		free(tree->text);
		free(tail->text);
	}
}

static int print_parts(const struct view *view, const struct text_signs *signs, FILE *file)
{
	struct part head = {.text = NULL}, tree = {.text = NULL}, tail = {.text = NULL};
	int err = make_head(view, signs, &head);

	if (!err)
		err = make_rest(view, signs, head.lines, &tree, &tail);
	if (!err) {
		fprintf(file, "\n%s", head.text);
		if (view->tree)
			fputs(tree.text, file);
		if (tail.lines > 0)
			fprintf(file, "%s%s", view->tree ? "\n" : "", tail.text);
	}
	free(head.text);
	free(tree.text);
	free(tail.text);
	return err;
}

int view_text(const struct view *view, FILE *file)
{
	struct text_signs signs;
	int err = 0;

	if (view->tree)
		err = tree_settle(view->tree, view->is_full ? VARIANTS_FULL : VARIANTS_SHORT);
	if (err)
		return err;
	text_signs_init(&signs, view->colour);
	err = print_parts(view, &signs, file);
	text_signs_fini(&signs);
	return err;
}
