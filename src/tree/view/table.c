/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "tree/view/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tree/view/label_line.h"

#define LABEL_CELLS 28 /* below this, drop a column rather than narrow the tree */
#define LABEL_LEAST 7  /* "command" */
#define LABEL_MOST 120 /* if nothing limits the width */
#define DEPTH_MAX 24   /* levels drawn as branches; deeper ones are numbered */
#define BRANCH_CELLS 3 /* of each sign of the tree */
#define NUMBER_SIZE 24 /* of a level's number */

/* A node whose own cost is a smaller share of its inclusive cost is trunk. */
#define TRUNK_SHARE 0.01

/* --- which lines ------------------------------------------------------------------------------ */

/* The next node, parents first, and its depth; NULL at the end. */
static const struct tree_node *next_node(const struct tree_node *node, size_t *depth)
{
	if (node->children) {
		(*depth)++;
		return node->children;
	}
	while (!node->next && *depth > 0) {
		node = node->parent;
		(*depth)--;
	}
	return node->next;
}

static int collect_rows(struct table *table, const struct tree *tree)
{
	size_t *last = calloc(tree_n_nodes(tree) + 1, sizeof(*last)); /* row, by depth */
	size_t depth = 0;

	table->rows = calloc(tree_n_nodes(tree) + 1, sizeof(*table->rows));
	if (!table->rows || !last) {
		free(last);
		return -ENOMEM;
	}
	for (const struct tree_node *node = tree_top(tree)->children; node;
	     node = next_node(node, &depth)) {
		const size_t row = table->n_rows++;

		last[depth] = row;
		table->rows[row] = (struct table_row){
			.node = node,
			.parent = depth > 0 ? last[depth - 1] : row,
			.is_trunk = depth > 0 && node->children && !node->is_group &&
		                    node->own_cost < TRUNK_SHARE * node->cost,
			.largest = node->cost,
		};
	}
	free(last);
	for (size_t i = table->n_rows; i-- > 0;) {
		struct table_row *row = &table->rows[i], *parent = &table->rows[row->parent];

		if (row->largest > parent->largest)
			parent->largest = row->largest;
	}
	return 0;
}

int table_init(struct table *table, const struct view *view, const struct text_signs *signs)
{
	*table = (struct table){.view = view, .signs = signs};
	columns_for_tree(&table->columns, view->tree, view->wall_ns);
	return collect_rows(table, view->tree);
}

void table_fini(struct table *table)
{
	free(table->rows);
	table->rows = NULL;
}

/* By decreasing cost, parents before their children, whose cost is not larger. Trunk comes last. */
static int by_cost(const void *a, const void *b)
{
	const struct table_row *x = *(struct table_row *const *)a;
	const struct table_row *y = *(struct table_row *const *)b;

	if (x->is_trunk != y->is_trunk)
		return x->is_trunk ? 1 : -1;
	if (x->largest != y->largest)
		return x->largest > y->largest ? -1 : 1;
	return (x > y) - (x < y);
}

/* A shown row hangs on its nearest shown ancestor. */
static void set_depths(struct table *table)
{
	for (size_t i = 0; i < table->n_rows; i++) {
		struct table_row *row = &table->rows[i];
		size_t above = row->parent, below = i;

		if (!row->shown)
			continue;
		while (above != below && !table->rows[above].shown) {
			below = above;
			above = table->rows[above].parent;
		}
		row->skips = row->parent != i && !table->rows[row->parent].shown;
		row->depth = above != i && table->rows[above].shown ? table->rows[above].depth + 1
		                                                    : 0;
	}
}

/* Find the last shown sibling in each place, from the end of the table to its start. */
static int mark_last(struct table *table)
{
	bool *later = calloc(table->n_rows + 2, sizeof(bool)); /* by depth */

	if (!later)
		return -ENOMEM;
	for (size_t i = table->n_rows; i-- > 0;) {
		struct table_row *row = &table->rows[i];

		if (!row->shown)
			continue;
		row->last = !later[row->depth];
		later[row->depth] = true;
		/* Deeper rows before this one have other parents than those after it. */
		for (size_t depth = row->depth + 1; depth < table->n_rows + 2 && later[depth];
		     depth++)
			later[depth] = false;
	}
	free(later);
	return 0;
}

static void look_at_shown(struct table *table)
{
	table->is_whole = table->n_shown == table->n_rows;
	table->costliest = NULL;
	for (size_t i = 0; i < table->n_rows; i++) {
		const struct tree_node *node = table->rows[i].node;

		if (!table->rows[i].shown)
			continue;
		table->is_whole &= node->processes <= 1;
		if (node->own_cost > 0 &&
		    (!table->costliest || node->own_cost > table->costliest->own_cost))
			table->costliest = node;
	}
}

int table_choose(struct table *table, size_t max_lines)
{
	struct table_row **order;

	table->n_shown = max_lines == 0 || max_lines > table->n_rows ? table->n_rows : max_lines;
	order = calloc(table->n_rows + 1, sizeof(*order));
	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < table->n_rows; i++)
		order[i] = &table->rows[i];
	if (table->n_rows > 1)
		qsort(order, table->n_rows, sizeof(*order), by_cost);
	for (size_t i = 0; i < table->n_rows; i++)
		order[i]->shown = i < table->n_shown;
	free(order);
	set_depths(table);
	look_at_shown(table);
	return mark_last(table);
}

/* --- one line --------------------------------------------------------------------------------- */

static size_t drawn_depth(const struct table *table, const struct table_row *row)
{
	return row->depth < table->max_depth ? row->depth : table->max_depth;
}

static void level_number(const struct table *table, const struct table_row *row,
                         char text[static NUMBER_SIZE])
{
	text[0] = '\0';
	if (drawn_depth(table, row) < row->depth)
		snprintf(text, NUMBER_SIZE, "[%zu] ", row->depth);
}

static unsigned row_cells(const struct table *table, const struct table_row *row)
{
	char depth[NUMBER_SIZE];

	level_number(table, row, depth);
	return VIEW_MARGIN + (unsigned)(drawn_depth(table, row) * BRANCH_CELLS + strlen(depth)) +
	       (row->skips ? text_own_cells(table->signs->ellipsis) + 1 : 0) +
	       label_line_cells(table->signs, row->node, !table->view->is_watch);
}

/* Put the signs before a row's name. open[d]: the branch at depth d continues below this row. */
static void put_branches(struct text_line *line, const struct table *table,
                         const struct table_row *row, const bool *open)
{
	const size_t drawn = drawn_depth(table, row);
	char depth[NUMBER_SIZE];

	text_style(line, TEXT_DIM);
	for (size_t level = 1; level < drawn; level++)
		text_put(line, open[level] ? line->signs->line : line->signs->blank);
	if (drawn == row->depth && drawn > 0)
		text_put(line, row->last ? line->signs->last_branch : line->signs->branch);
	level_number(table, row, depth);
	text_put(line, depth);
	if (row->skips) {
		text_put(line, line->signs->ellipsis);
		text_put(line, " ");
	}
	text_style(line, TEXT_PLAIN);
}

void table_put_headings(struct text_line *line, const struct columns *columns)
{
	for (size_t i = 0; i < columns->n; i++) {
		const struct column *column = &columns->column[i];
		unsigned cells = text_name_cells(line->signs, column->heading);

		if (!column_is_shown(column))
			continue;
		cells = cells > column->cells ? column->cells : cells;
		text_pad(line, column->end - cells);
		text_put_name(line, column->heading, cells);
	}
}

void table_put_numbers(struct text_line *line, const struct columns *columns,
                       const struct subject *subject, bool bold)
{
	char text[TEXT_NUMBER_SIZE];

	if (bold)
		text_style(line, TEXT_BOLD);
	for (size_t i = 0; i < columns->n; i++) {
		const struct column *column = &columns->column[i];

		if (!column_is_shown(column))
			continue;
		column_print(column, subject, line->signs, text);
		text_put_right(line, text, column->end);
	}
	if (bold)
		text_style(line, TEXT_PLAIN);
}

static void print_line(const struct text_line *line, FILE *file)
{
	fputs(line->bytes, file);
	fputc('\n', file);
}

/* --- widths ----------------------------------------------------------------------------------- */

int table_measure(struct table *table)
{
	struct subject *subjects = calloc(table->n_shown + 2, sizeof(*subjects));
	size_t n = 0;

	if (!subjects)
		return -ENOMEM;
	for (size_t i = 0; i < table->n_rows; i++) {
		if (table->rows[i].shown)
			subjects[n++].node = table->rows[i].node;
	}
	subjects[n++].node = tree_top(table->view->tree);
	columns_measure(&table->columns, subjects, n, table->signs);
	free(subjects);
	return 0;
}

/* A total is useful if a column has only each line's own numbers. */
static void decide_total(struct table *table)
{
	table->has_total = false;
	for (size_t i = 0; i < table->columns.n; i++) {
		const struct column *column = &table->columns.column[i];

		if (column_is_shown(column) && column->kind == COLUMN_FIELD && !column->inclusive &&
		    strcmp(column->name, "own") != 0)
			table->has_total = table->n_rows > 1;
	}
	if (table->n_rows > 0 && table->rows[0].node->next)
		table->has_total = true;
}

/* Fit the most important columns beside the tree, then give the tree the width that is left. */
static int set_widths(struct table *table)
{
	unsigned limit = table->view->columns ? table->view->columns : UINT32_MAX / 2;
	unsigned widest = VIEW_MARGIN + (unsigned)strlen("command");
	unsigned wanted, taken;

	if (table_measure(table))
		return -ENOMEM;
	table->max_depth = DEPTH_MAX;
	if (limit < VIEW_MARGIN + LABEL_CELLS + DEPTH_MAX * BRANCH_CELLS)
		table->max_depth = limit / 3 / BRANCH_CELLS;
	for (size_t i = 0; i < table->n_rows; i++) {
		unsigned cells = table->rows[i].shown ? row_cells(table, &table->rows[i]) : 0;

		widest = cells > widest ? cells : widest;
	}
	widest = widest > LABEL_MOST ? LABEL_MOST : widest;
	wanted = widest < LABEL_CELLS ? widest : LABEL_CELLS;
	taken = columns_fit(&table->columns, limit > wanted ? limit - wanted : 0);
	table->label_end = widest + taken <= limit ? widest : limit > taken ? limit - taken : 0;
	/* In this case, lines are wider than the terminal. */
	if (table->label_end < VIEW_MARGIN + LABEL_LEAST)
		table->label_end = VIEW_MARGIN + LABEL_LEAST;
	columns_place(&table->columns, table->label_end);
	decide_total(table);
	return 0;
}

/* --- the whole -------------------------------------------------------------------------------- */

static int draw_rows(const struct table *table, FILE *file)
{
	bool *open = calloc(table->max_depth + 1, sizeof(bool)); /* by depth */
	struct text_line line;

	if (!open)
		return -ENOMEM;
	for (size_t i = 0; i < table->n_rows; i++) {
		const struct table_row *row = &table->rows[i];
		const bool bold = row->node == table->costliest && table->n_shown > 1;

		if (!row->shown)
			continue;
		text_start(&line, table->signs);
		text_pad(&line, VIEW_MARGIN);
		put_branches(&line, table, row, open);
		label_line_put(&line, row->node, !table->view->is_watch,
		               table->label_end > line.cells ? table->label_end - line.cells : 0,
		               bold);
		table_put_numbers(&line, &table->columns, &(struct subject){.node = row->node},
		                  bold);
		print_line(&line, file);
		if (row->depth <= table->max_depth)
			open[row->depth] = !row->last;
	}
	free(open);
	return 0;
}

int table_draw(struct table *table, FILE *file)
{
	struct text_line line;

	if (set_widths(table))
		return -ENOMEM;
	text_start(&line, table->signs);
	text_style(&line, TEXT_DIM);
	text_pad(&line, VIEW_MARGIN);
	text_put(&line, "command");
	table_put_headings(&line, &table->columns);
	text_style(&line, TEXT_PLAIN);
	print_line(&line, file);
	if (draw_rows(table, file))
		return -ENOMEM;
	if (table->has_total) {
		text_start(&line, table->signs);
		text_pad(&line, VIEW_MARGIN);
		text_put(&line, "total");
		table_put_numbers(&line, &table->columns,
		                  &(struct subject){.node = tree_top(table->view->tree)}, false);
		print_line(&line, file);
	}
	return 0;
}
