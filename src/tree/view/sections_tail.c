/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/number.h"
#include "tree/view/flow.h"
#include "tree/view/hottest.h"
#include "tree/view/label_line.h"
#include "tree/view/sections.h"

/* Waits are shown from this share of waiting and CPU time on, and from 10 ms on. */
#define WAIT_SHARE 0.01

/* A process is notable if it costs at least this fraction of the costliest one. */
#define NEWS_SHARE 0.1
/* One of many similar processes costs at most this many times their average. */
#define ALIKE_TIMES 4

#define LIST_TITLE "costliest processes"
#define LABEL_MOST 120 /* cells of a command line, where nothing else limits them */
#define NAME_LEAST 8   /* cells of a name; with less room, what follows it is left out */
#define WAIT_LEAST_NS 10000000.0

/* --- the costliest processes ------------------------------------------------------------------ */

/*
 * Whether a node's line covers the process: it is the node's only one, with the same cost, or one
 * of many similar ones, with a cost near their average.
 */
static bool is_of_line(const struct tree_node *node, const struct ranked *ranked)
{
	if (!node->name || strcmp(node->name, ranked->label.name) != 0)
		return false;
	if (node->processes <= 1)
		return node->own_cost == ranked->cost;
	return *ranked->command && !node->is_mixed &&
	       strcmp(node->detail, ranked->label.detail) == 0 &&
	       ranked->cost <= ALIKE_TIMES * node->own_cost / (double)node->processes;
}

static bool has_line(const struct table *table, const struct ranked *ranked)
{
	for (size_t i = 0; i < table->n_rows; i++) {
		if (table->rows[i].shown && is_of_line(table->rows[i].node, ranked))
			return true;
	}
	return false;
}

bool sections_list_is_news(const struct view *view, const struct table *table)
{
	const struct ranking *ranking = tree_costliest(view->tree);

	for (size_t i = 0; i < ranking->n; i++) {
		if (ranking->entries[i]->cost < NEWS_SHARE * ranking->entries[0]->cost)
			return false;
		if (!has_line(table, ranking->entries[i]))
			return true;
	}
	return false;
}

static void print_ranked(const struct view *view, const struct text_signs *signs,
                         const struct columns *columns, size_t i, unsigned label_end, FILE *file)
{
	const struct ranked *ranked = tree_costliest(view->tree)->entries[i];
	struct text_line line;

	text_start(&line, signs);
	text_pad(&line, VIEW_MARGIN);
	label_line_put_ranked(&line, ranked, !view->is_watch,
	                      label_end > line.cells ? label_end - line.cells : 0, i == 0);
	table_put_numbers(&line, columns, &(struct subject){.ranked = ranked}, i == 0);
	fprintf(file, "%s\n", line.bytes);
}

int sections_print_costliest(const struct view *view, const struct text_signs *signs, size_t n,
                             unsigned label_end, FILE *file)
{
	const struct ranking *ranking = tree_costliest(view->tree);
	struct subject *subjects = calloc(n + 1, sizeof(*subjects));
	const unsigned limit = view->columns ? view->columns : UINT32_MAX / 2;
	struct columns columns;
	struct text_line line;
	unsigned widest = 0, taken;

	if (!subjects)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		unsigned cells = VIEW_MARGIN + label_line_ranked_cells(signs, ranking->entries[i],
		                                                       !view->is_watch);

		subjects[i].ranked = ranking->entries[i];
		widest = cells > widest && cells <= LABEL_MOST ? cells : widest;
	}
	columns_for_list(&columns, view->tree, view->wall_ns);
	columns_measure(&columns, subjects, n, signs);
	if (label_end < VIEW_MARGIN + sizeof(LIST_TITLE) - 1)
		label_end = VIEW_MARGIN + sizeof(LIST_TITLE) - 1;
	/*
	 * As wide as the tree, so that columns are aligned, or as wide as the command lines need.
	 */
	taken = columns_fit(&columns, limit > label_end ? limit - label_end : 0);
	label_end = widest > label_end ? widest : label_end;
	if (label_end > limit - taken)
		label_end = limit > taken ? limit - taken : 0;
	columns_place(&columns, label_end);
	text_start(&line, signs);
	text_style(&line, TEXT_DIM);
	text_pad(&line, VIEW_MARGIN);
	text_put_name(&line, LIST_TITLE, label_end > VIEW_MARGIN ? label_end - VIEW_MARGIN : 0);
	table_put_headings(&line, &columns);
	text_style(&line, TEXT_PLAIN);
	fprintf(file, "\n%s\n", line.bytes);
	for (size_t i = 0; i < n; i++)
		print_ranked(view, signs, &columns, i, label_end, file);
	free(subjects);
	return 0;
}

#define MORE_SIZE 96

/* "and 3 more: --summary=full shows all". */
static void say_more(const struct view *view, uint64_t n, char text[static MORE_SIZE])
{
	snprintf(text, MORE_SIZE, "and %" PRIu64 " more%s%s%s", n, view->more ? ": " : "",
	         view->more ? view->more : "", view->more ? " shows all" : "");
}

/* --- what failed ------------------------------------------------------------------------------ */

static void put_failure(struct flow *flow, const struct failure *failure)
{
	const struct text_signs *signs = flow->signs;
	const char *last = flow_room(flow) > 40 ? ", the last" : "";
	char status[FAILURE_TEXT_SIZE], number[64];
	const struct label *label = &failure->label;
	unsigned room = flow_room(flow), taken;
	struct text_line item;

	failure_describe(failure->wait_status, failure->oom_killed, status);
	if (failure->processes == 1)
		snprintf(number, sizeof(number), " (pid %" PRIu32 ")", failure->pid);
	else
		snprintf(number, sizeof(number), " %s%" PRIu64 "%s", signs->times,
		         failure->processes, failure->is_mixed ? last : "");
	if (text_own_cells(status) + 2 + text_own_cells(number) + NAME_LEAST > room &&
	    failure->processes == 1)
		*number = '\0';
	taken = text_own_cells(status) + 2 + text_own_cells(number);
	room = room > taken + NAME_LEAST ? room - taken : NAME_LEAST;
	text_start(&item, signs);
	text_style(&item, TEXT_RED);
	text_put(&item, status);
	text_style(&item, TEXT_PLAIN);
	text_put(&item, failure->is_mixed ? number : "");
	text_put(&item, ": ");
	text_put_name(&item, label->name, room);
	taken = text_name_cells(signs, label->name);
	if (*label->detail && room > taken + 4) {
		text_put(&item, " ");
		text_put_middle(&item, label->detail, room - taken - 1);
	}
	text_put(&item, failure->is_mixed ? "" : number);
	flow_item(flow, &item);
}

static void print_failures(const struct view *view, const struct text_signs *signs, size_t max,
                           FILE *file)
{
	const struct failures *failures = tree_failures(view->tree);
	uint64_t left = failures->processes;
	char more[MORE_SIZE];
	struct flow flow;
	size_t i;

	if (failures->processes == 0 || max == 0)
		return;
	flow_start(&flow, file, signs, view->columns, "failed", TEXT_RED);
	for (i = 0; i < failures->n && i < max; i++) {
		flow_break(&flow);
		put_failure(&flow, &failures->groups[i]);
		left -= failures->groups[i].processes;
	}
	if (left > 0) {
		flow_break(&flow);
		say_more(view, left, more);
		flow_words(&flow, more);
	}
	flow_end(&flow);
}

/* --- what waited ------------------------------------------------------------------------------ */

/* "131 ms sort -r". Returns false if it has no room on the line. */
static bool make_waiter(const struct flow *flow, const struct ranked *ranked,
                        struct text_line *item)
{
	char number[TEXT_NUMBER_SIZE];
	unsigned before;

	text_duration(number_to_u64(ranked->cost), flow->signs, number);
	text_start(item, flow->signs);
	text_put(item, number);
	text_put(item, " ");
	before = item->cells;
	text_put_name(item, ranked->label.name, 24);
	if (*ranked->label.detail && item->cells < before + 20) {
		text_put(item, " ");
		text_put_middle(item, ranked->label.detail, 24);
	}
	/* A gap, and a comma. */
	return !flow->columns || flow->line.cells + item->cells + 2 <= flow->columns;
}

bool sections_has_wait(const struct view *view, const char *field, double *ns)
{
	const int wait = life_field_index(tree_schema(view->tree), field);
	const int cpu = life_field_index(tree_schema(view->tree), "cpu-time");
	const struct tree_value *sums = tree_top(view->tree)->inclusive;
	const double ran = cpu < 0 ? 0 : tree_number(&sums[cpu]);

	*ns = wait < 0 ? 0 : tree_number(&sums[wait]);
	return *ns >= WAIT_LEAST_NS && *ns >= WAIT_SHARE * (*ns + ran);
}

/* Print a line: how long processes waited, for what, and which of them most. */
static void print_wait(const struct view *view, const struct text_signs *signs, const char *field,
                       const char *what, const struct ranking *ranking, bool *is_first, FILE *file)
{
	char number[TEXT_NUMBER_SIZE], text[160];
	struct text_line item;
	struct flow flow;
	double waited;

	if (!sections_has_wait(view, field, &waited))
		return;
	flow_start(&flow, file, signs, view->columns, *is_first ? "waited" : "", TEXT_PLAIN);
	*is_first = false;
	text_duration(number_to_u64(waited), signs, number);
	snprintf(text, sizeof(text), "%s %s", number, what);
	flow_words(&flow, text);
	flow.gap = ": ";
	for (size_t i = 0; i < ranking->n && make_waiter(&flow, ranking->entries[i], &item); i++) {
		flow_item(&flow, &item);
		flow.gap = ", ";
	}
	flow_end(&flow);
}

/* --- what is missing, and where the rows are -------------------------------------------------- */

static void print_notice(const struct view *view, const struct text_signs *signs, const char *title,
                         const char *line, FILE *file)
{
	const bool is_loss = strcmp(title, "missing") == 0;
	struct flow flow;

	flow_start(&flow, file, signs, view->columns, title, is_loss ? TEXT_YELLOW : TEXT_PLAIN);
	flow_words(&flow, line);
	flow_end(&flow);
}

static void print_notices(const struct view *view, const struct text_signs *signs, size_t max_notes,
                          FILE *file)
{
	const char *title = "missing";
	size_t n = 0;
	char more[MORE_SIZE];

	for (size_t i = 0; i < view->n_notices; i++) {
		if (view->notices[i].kind != REPORT_LOSS)
			continue;
		print_notice(view, signs, title, view->notices[i].line, file);
		title = "";
	}
	for (size_t i = 0; i < view->n_notices; i++) {
		if (view->notices[i].kind == REPORT_LOSS || n++ >= max_notes)
			continue;
		print_notice(view, signs, n == 1 ? "note" : "", view->notices[i].line, file);
	}
	if (n <= max_notes)
		return;
	say_more(view, n - max_notes, more);
	/* "note   3 more: -v shows all": not "and", where nothing stands before it. */
	print_notice(view, signs, max_notes == 0 ? "note" : "",
	             more + (max_notes == 0 ? strlen("and ") : 0), file);
}

static void print_paths(const struct view *view, const struct text_signs *signs, FILE *file)
{
	struct text_line item;
	struct flow flow;

	if (view->n_paths == 0)
		return;
	flow_start(&flow, file, signs, view->columns, "rows in", TEXT_PLAIN);
	for (size_t i = 0; i < view->n_paths; i++) {
		text_start(&item, signs);
		text_put_middle(&item, view->paths[i], flow_room(&flow));
		flow_item(&flow, &item);
	}
	flow_end(&flow);
}

void sections_print_tail(const struct view *view, const struct text_signs *signs,
                         const struct tail_limits *limits, FILE *file)
{
	bool is_first = true;

	if (view->tree) {
		print_failures(view, signs, limits->failures, file);
		print_wait(view, signs, "runqueue-wait", "for a CPU",
		           tree_waited_to_run(view->tree), &is_first, file);
		print_wait(view, signs, "block-wait", "for disks",
		           tree_waited_for_disks(view->tree), &is_first, file);
	}
	hottest_print(view, signs, limits->hottest, file);
	print_notices(view, signs, limits->notes, file);
	print_paths(view, signs, file);
}
