/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Notes on what the tree on a terminal leaves out. */
#include <string.h>

#include "tree/view/table.h"

#define MORE_CELLS 9 /* ", 12 more" without the comma */

static void draw_lines_left_out(const struct table *table, FILE *file)
{
	const double whole = tree_top(table->view->tree)->cost;
	const size_t n = table->n_rows - table->n_shown;
	const unsigned limit = table->view->columns ? table->view->columns : UINT32_MAX;
	char text[96], share[32] = "", more[64] = "";
	double own = 0;

	for (size_t i = 0; i < table->n_rows; i++) {
		if (!table->rows[i].shown)
			own += table->rows[i].node->own_cost;
	}
	if (whole > 0 && tree_by(table->view->tree) != TREE_BY_WALL)
		snprintf(share, sizeof(share), " with %.1f %%", own / whole * 100);
	if (table->view->more)
		snprintf(more, sizeof(more), ": %s shows all", table->view->more);
	snprintf(text, sizeof(text), "  %zu more line%s%s", n, n == 1 ? "" : "s", share);
	if (strlen(text) + strlen(more) > limit)
		more[0] = '\0';
	fprintf(file, "%s%s\n", text, more);
}

static void put_left_out(struct text_line *item, const struct column *column, bool repeated)
{
	text_put_name(item, column->heading, 20);
	if (!repeated)
		return;
	text_put(item, " (same as ");
	text_put_name(item, column->twin->heading, 12);
	text_put(item, ")");
}

static bool is_left_out(const struct column *column, bool repeated)
{
	return repeated ? column->twin && !column->is_plain_repeat
	                : !column->twin && !column->has_room;
}

static size_t count_left_out(const struct table *table, bool repeated)
{
	size_t n = 0;

	for (size_t i = 0; i < table->columns.n; i++)
		n += is_left_out(&table->columns.column[i], repeated);
	return n;
}

/* Name the columns that have no room or repeat another, as many as fit on the line. */
static void draw_columns_left_out(const struct table *table, bool repeated, const char *title,
                                  FILE *file)
{
	const unsigned limit = table->view->columns ? table->view->columns : UINT32_MAX;
	const size_t n = count_left_out(table, repeated);
	struct text_line line, item;
	size_t named = 0, seen = 0;
	const char *gap;
	char more[48];

	text_start(&line, table->signs);
	text_pad(&line, VIEW_MARGIN);
	text_put(&line, title);
	for (size_t i = 0; i < table->columns.n; i++) {
		const struct column *column = &table->columns.column[i];

		if (!is_left_out(column, repeated) || named < seen++)
			continue;
		gap = named == 0 ? " " : ", ";
		text_start(&item, table->signs);
		put_left_out(&item, column, repeated);
		if (line.cells + strlen(gap) + item.cells + (seen < n ? MORE_CELLS : 0) > limit)
			continue;
		text_put(&line, gap);
		named++;
		text_put(&line, item.bytes);
	}
	if (n > 0 && named == 0)
		snprintf(more, sizeof(more), " %zu column%s", n, n == 1 ? "" : "s");
	else if (named < n)
		snprintf(more, sizeof(more), ", %zu more", n - named);
	if (named < n)
		text_put(&line, more);
	if (n > 0)
		fprintf(file, "%s\n", line.bytes);
}

void table_draw_notes(const struct table *table, FILE *file)
{
	if (table->n_shown < table->n_rows)
		draw_lines_left_out(table, file);
	draw_columns_left_out(table, false, "no room for columns:", file);
	draw_columns_left_out(table, true, "not shown:", file);
}
