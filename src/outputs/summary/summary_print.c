/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "outputs/summary/summary_print.h"

#define MARGIN 2        /* cells at the left edge */
#define GAP 2           /* between columns */
#define CPU_CELLS 7     /* "23m59s", "999 ms" */
#define COUNTER_CELLS 6 /* "≥1.23k" */
#define NAME_CELLS 16   /* the most that a counter's name may widen its column to */
#define LABEL_CELLS 28  /* below this a counter is given up rather than the tree */
#define LABEL_LEAST 9   /* "command", and a blank or two */
#define NAME_LEAST 3    /* below this the name gets the room of what follows it */
#define DEPTH_MAX 24    /* levels drawn as such; deeper ones are numbered */
#define NOTES_SIZE 160  /* bytes of what describe_node() says */
#define BRANCH_CELLS 3  /* of each sign of the tree */

/* A node with what its line needs. */
struct row {
	const struct tree_node *node;
	size_t depth;
	uint64_t subtree_cpu_ns; /* of the node and everything below */
	bool shown;
	bool last; /* of the siblings that are shown */
};

struct table {
	const struct tree_drawing *drawing;
	struct row *rows; /* parents before children */
	size_t n_rows;
	size_t max_depth;   /* levels drawn as such */
	unsigned label_end; /* where the first column ends */
	size_t n_counters;  /* that there is room for */
	unsigned counter_ends[TREE_COUNTERS_MAX];
};

void describe_wait_status(int wait_status, char text[static TEXT_NUMBER_SIZE])
{
	const char *name = WIFSIGNALED(wait_status) ? sigabbrev_np(WTERMSIG(wait_status)) : NULL;

	text[0] = '\0';
	if (name)
		snprintf(text, TEXT_NUMBER_SIZE, "SIG%s", name);
	else if (WIFSIGNALED(wait_status))
		snprintf(text, TEXT_NUMBER_SIZE, "signal %d", WTERMSIG(wait_status));
	else if (wait_status != 0)
		snprintf(text, TEXT_NUMBER_SIZE, "exit %d", WEXITSTATUS(wait_status));
}

/* --- which lines ------------------------------------------------------------------------------ */

/* The node after this one, parents first, and how much deeper it is; NULL at the end. */
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

static int collect_rows(struct table *table)
{
	const struct tree *tree = table->drawing->tree;
	size_t depth = 0;

	table->rows = calloc(tree_n_nodes(tree), sizeof(struct row));
	if (!table->rows)
		return -1;
	for (const struct tree_node *node = tree_first(tree); node;
	     node = next_node(node, &depth)) {
		table->rows[table->n_rows++] = (struct row){
			.node = node,
			.depth = depth,
			.subtree_cpu_ns = node->cpu_ns,
		};
	}
	return 0;
}

/* Add each row's time to that of the row it is below. */
static int sum_subtrees(struct table *table)
{
	size_t *parents = calloc(table->n_rows + 1, sizeof(size_t)); /* by depth: the last row */
	size_t *parent_of = calloc(table->n_rows + 1, sizeof(size_t));
	bool ok = parents && parent_of;

	for (size_t i = 0; ok && i < table->n_rows; i++) {
		parents[table->rows[i].depth] = i;
		if (table->rows[i].depth > 0)
			parent_of[i] = parents[table->rows[i].depth - 1];
	}
	for (size_t i = table->n_rows; ok && i-- > 0;) {
		if (table->rows[i].depth > 0)
			table->rows[parent_of[i]].subtree_cpu_ns += table->rows[i].subtree_cpu_ns;
	}
	free(parents);
	free(parent_of);
	return ok ? 0 : -1;
}

/* Most time first; a parent, which has at least its child's, before it. */
static int by_time(const void *a, const void *b)
{
	const struct row *x = *(struct row *const *)a;
	const struct row *y = *(struct row *const *)b;

	if (x->subtree_cpu_ns != y->subtree_cpu_ns)
		return x->subtree_cpu_ns > y->subtree_cpu_ns ? -1 : 1;
	return (x > y) - (x < y);
}

static int choose_rows(struct table *table)
{
	size_t max = table->drawing->max_lines;
	struct row **order;

	if (max == 0 || max >= table->n_rows) {
		for (size_t i = 0; i < table->n_rows; i++)
			table->rows[i].shown = true;
		return 0;
	}
	order = calloc(table->n_rows, sizeof(struct row *));
	if (!order || sum_subtrees(table) != 0) {
		free(order);
		return -1;
	}
	for (size_t i = 0; i < table->n_rows; i++)
		order[i] = &table->rows[i];
	qsort(order, table->n_rows, sizeof(struct row *), by_time);
	for (size_t i = 0; i < max; i++)
		order[i]->shown = true;
	free(order);
	return 0;
}

/* Whether a later sibling is shown: decided from the end of the table to its start. */
static int mark_last(struct table *table)
{
	bool *later = calloc(table->n_rows + 2, sizeof(bool)); /* by depth */

	if (!later)
		return -1;
	for (size_t i = table->n_rows; i-- > 0;) {
		struct row *row = &table->rows[i];

		if (!row->shown)
			continue;
		row->last = !later[row->depth];
		later[row->depth] = true;
		later[row->depth + 1] = false;
	}
	free(later);
	return 0;
}

/* --- one line --------------------------------------------------------------------------------- */

/* What follows the name: how many, how they ended. */
static void describe_node(const struct text_signs *signs, const struct tree_node *node,
                          char text[static NOTES_SIZE])
{
	char failed[48] = "", running[48] = "", folded[32] = "";
	bool one = node->processes == 1;

	if (!one)
		snprintf(folded, sizeof(folded), " %s%" PRIu64, signs->times, node->processes);
	if (node->failed > 0 && one)
		describe_wait_status(node->failed_status, failed);
	else if (node->failed > 0)
		snprintf(failed, sizeof(failed), "%" PRIu64 " failed", node->failed);
	if (node->running > 0 && one)
		snprintf(running, sizeof(running), "still running");
	else if (node->running > 0)
		snprintf(running, sizeof(running), "%" PRIu64 " still running", node->running);
	snprintf(text, NOTES_SIZE, "%s%s%s%s%s%s", folded, *failed || *running ? " (" : "", failed,
	         *failed && *running ? ", " : "", running, *failed || *running ? ")" : "");
}

/* The signs before a row's name. open[d]: the branch at depth d goes on below this row. */
static void put_branches(struct text_line *line, const struct table *table, const struct row *row,
                         const bool *open)
{
	size_t drawn = row->depth < table->max_depth ? row->depth : table->max_depth;
	char depth[32];

	for (size_t level = 1; level < drawn; level++)
		text_put(line, open[level] ? line->signs->line : line->signs->blank);
	if (drawn == row->depth && drawn > 0)
		text_put(line, row->last ? line->signs->last_branch : line->signs->branch);
	if (drawn < row->depth) {
		snprintf(depth, sizeof(depth), "[%zu] ", row->depth);
		text_put(line, depth);
	}
}

static void put_label(struct text_line *line, const struct table *table, const struct row *row,
                      const bool *open)
{
	char notes[NOTES_SIZE];
	unsigned least = text_name_cells(line->signs, row->node->label);
	unsigned after, room;

	text_pad(line, MARGIN);
	put_branches(line, table, row, open);
	describe_node(line->signs, row->node, notes);
	after = text_name_cells(line->signs, notes);
	room = table->label_end > line->cells ? table->label_end - line->cells : 0;
	/* Who it is matters more than how it ended. */
	least = least < NAME_LEAST ? least : NAME_LEAST;
	text_put_name(line, row->node->label, room >= after + least ? room - after : room);
	if (room >= after + least)
		text_put(line, notes);
}

static void put_numbers(struct text_line *line, const struct table *table, uint64_t cpu_ns,
                        const struct tree_counter *counters)
{
	char number[TEXT_NUMBER_SIZE], text[TEXT_NUMBER_SIZE + 8];
	unsigned end = table->label_end + GAP + CPU_CELLS;

	text_duration(cpu_ns, line->signs, number);
	text_put_right(line, number, end);
	for (size_t i = 0; i < table->n_counters; i++) {
		text_count(counters[i].value, number);
		snprintf(text, sizeof(text), "%s%s",
		         counters[i].is_partial ? line->signs->at_least : "", number);
		text_put_right(line, counters[i].has_value ? text : "-", table->counter_ends[i]);
	}
}

static void print_line(const struct text_line *line, FILE *file)
{
	fputs(line->bytes, file);
	fputc('\n', file);
}

/* --- widths ----------------------------------------------------------------------------------- */

static unsigned row_cells(const struct table *table, const struct row *row)
{
	const struct text_signs *signs = table->drawing->signs;
	size_t drawn = row->depth < table->max_depth ? row->depth : table->max_depth;
	char notes[NOTES_SIZE], depth[32] = "";

	describe_node(signs, row->node, notes);
	if (drawn < row->depth)
		snprintf(depth, sizeof(depth), "[%zu] ", row->depth);
	return MARGIN + (unsigned)(drawn * BRANCH_CELLS + strlen(depth)) +
	       text_name_cells(signs, row->node->label) + text_name_cells(signs, notes);
}

static unsigned counter_cells(const struct tree_drawing *drawing, size_t i)
{
	unsigned cells = text_name_cells(drawing->signs, drawing->counter_names[i]);

	if (cells > NAME_CELLS)
		return NAME_CELLS;
	return cells < COUNTER_CELLS ? COUNTER_CELLS : cells;
}

/* Columns from the right as many as leave the tree its room; the tree as wide as it is then. */
static void set_widths(struct table *table)
{
	const struct tree_drawing *drawing = table->drawing;
	unsigned limit = drawing->columns ? drawing->columns : UINT32_MAX / 2;
	unsigned widest = MARGIN + 7; /* "command" */
	unsigned taken = GAP + CPU_CELLS;
	unsigned wanted, end;

	table->max_depth = DEPTH_MAX;
	if (limit < MARGIN + LABEL_CELLS + DEPTH_MAX * BRANCH_CELLS + taken)
		table->max_depth = limit / 2 / BRANCH_CELLS;
	for (size_t i = 0; i < table->n_rows; i++) {
		unsigned cells = table->rows[i].shown ? row_cells(table, &table->rows[i]) : 0;

		widest = cells > widest ? cells : widest;
	}
	wanted = widest < LABEL_CELLS ? widest : LABEL_CELLS;
	while (table->n_counters < tree_n_counters(drawing->tree)) {
		unsigned more = GAP + counter_cells(drawing, table->n_counters);

		if (wanted + taken + more > limit)
			break;
		taken += more;
		table->n_counters++;
	}
	table->label_end = widest + taken <= limit ? widest : limit > taken ? limit - taken : 0;
	if (table->label_end < MARGIN + LABEL_LEAST)
		table->label_end =
			MARGIN + LABEL_LEAST; /* lines are wider than the terminal then */
	end = table->label_end + GAP + CPU_CELLS;
	for (size_t i = 0; i < table->n_counters; i++) {
		end += GAP + counter_cells(drawing, i);
		table->counter_ends[i] = end;
	}
}

/* --- the whole -------------------------------------------------------------------------------- */

static void print_heading(const struct table *table, FILE *file)
{
	struct text_line line, name;

	text_start(&line, table->drawing->signs);
	text_pad(&line, MARGIN);
	text_put(&line, "command");
	text_put_right(&line, "CPU", table->label_end + GAP + CPU_CELLS);
	for (size_t i = 0; i < table->n_counters; i++) {
		text_start(&name, table->drawing->signs);
		text_put_name(&name, table->drawing->counter_names[i], NAME_CELLS);
		text_pad(&line, table->counter_ends[i] - name.cells);
		text_put(&line, name.bytes);
	}
	print_line(&line, file);
}

static int print_rows(const struct table *table, FILE *file)
{
	bool *open = calloc(table->max_depth + 1, sizeof(bool)); /* by depth */
	struct text_line line;

	if (!open)
		return -1;
	for (size_t i = 0; i < table->n_rows; i++) {
		const struct row *row = &table->rows[i];

		if (!row->shown)
			continue;
		text_start(&line, table->drawing->signs);
		put_label(&line, table, row, open);
		put_numbers(&line, table, row->node->cpu_ns, row->node->counters);
		print_line(&line, file);
		if (row->depth <= table->max_depth)
			open[row->depth] = !row->last;
	}
	free(open);
	return 0;
}

static void print_end(const struct table *table, FILE *file)
{
	size_t left_out = tree_n_counters(table->drawing->tree) - table->n_counters;
	size_t shown = 0;
	struct text_line line;

	for (size_t i = 0; i < table->n_rows; i++)
		shown += table->rows[i].shown;
	if (table->n_rows > 1) {
		text_start(&line, table->drawing->signs);
		text_pad(&line, MARGIN);
		text_put(&line, "total");
		put_numbers(&line, table, table->drawing->cpu_ns, table->drawing->total);
		print_line(&line, file);
	}
	if (shown < table->n_rows)
		fprintf(file, "  %zu more line%s, of less CPU time: --summary=full shows all\n",
		        table->n_rows - shown, table->n_rows - shown == 1 ? "" : "s");
	if (left_out > 0)
		fprintf(file, "  %zu column%s left out: too narrow\n", left_out,
		        left_out == 1 ? "" : "s");
}

void tree_draw(const struct tree_drawing *drawing, FILE *file)
{
	struct table table = {.drawing = drawing};

	if (collect_rows(&table) != 0 || choose_rows(&table) != 0 || mark_last(&table) != 0) {
		fputs("  (no memory left to draw the tree)\n", file);
	} else if (table.n_rows > 0) {
		set_widths(&table);
		print_heading(&table, file);
		if (print_rows(&table, file) == 0)
			print_end(&table, file);
	}
	free(table.rows);
}
