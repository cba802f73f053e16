/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The summary in Markdown with tables (GitHub's, GitLab's): for the summary of a CI job, or a
 * comment.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "tree/label.h"
#include "tree/view/columns.h"
#include "tree/view/hottest.h"
#include "tree/view/markdown.h"
#include "tree/view/sections.h"
#include "tree/view/table.h"
#include "tree/view/view.h"

#define TREE_LINES_MAX 40
#define VARIANTS_MAX 3

static void put_label(FILE *file, const struct text_signs *signs, const char *name,
                      const char *detail, bool in_cell)
{
	char text[LABEL_NAME_SIZE + LABEL_DETAIL_SIZE];

	snprintf(text, sizeof(text), "%s%s%s", name, *detail ? " " : "", detail);
	markdown_put_code(file, signs, text, in_cell);
}

static void put_headings(FILE *file, const struct text_signs *signs, const char *title,
                         const struct columns *columns)
{
	fprintf(file, "\n| %s |", title);
	for (size_t i = 0; i < columns->n; i++) {
		if (!column_is_shown(&columns->column[i]))
			continue;
		fputc(' ', file);
		markdown_put_text(file, signs, columns->column[i].heading);
		fputs(" |", file);
	}
	fputs("\n| --- |", file);
	for (size_t i = 0; i < columns->n; i++) {
		if (column_is_shown(&columns->column[i]))
			fputs(" ---: |", file);
	}
	fputc('\n', file);
}

static void put_numbers(FILE *file, const struct text_signs *signs, const struct columns *columns,
                        const struct subject *subject)
{
	char text[TEXT_NUMBER_SIZE];

	for (size_t i = 0; i < columns->n; i++) {
		if (!column_is_shown(&columns->column[i]))
			continue;
		column_print(&columns->column[i], subject, signs, text);
		fprintf(file, " %s |", text);
	}
	fputc('\n', file);
}

static void put_node(FILE *file, const struct text_signs *signs, const struct table *table,
                     const struct table_row *row)
{
	const struct tree_node *node = row->node;
	char status[FAILURE_TEXT_SIZE];

	fputs("| ", file);
	for (size_t level = 0; level < row->depth && level < 24; level++)
		fputs("&nbsp;&nbsp;&nbsp;", file);
	fputs(row->skips ? "… " : "", file);
	put_label(file, signs, node->name, node->is_mixed ? "" : node->detail, true);
	if (node->processes != 1 && !node->is_group)
		fprintf(file, " ×%" PRIu64, node->processes);
	if (node->failed > 0 && node->processes == 1) {
		failure_describe(node->failed_status, node->oom_killed, status);
		fprintf(file, " **%s**", status);
	} else if (node->failed > 0) {
		fprintf(file, " **%" PRIu64 " failed**", node->failed);
	}
	if (node->unknown > 0 && node->processes == 1)
		fputs(" (" STATUS_UNKNOWN ")", file);
	else if (node->unknown > 0)
		fprintf(file, " (%" PRIu64 " with unknown exit status)", node->unknown);
	if (node->running > 0 && !table->view->is_watch)
		fprintf(file, " (%" PRIu64 " still running)", node->running);
	fputs(" |", file);
	put_numbers(file, signs, &table->columns, &(struct subject){.node = node});
}

static int put_tree(FILE *file, const struct text_signs *signs, const struct view *view)
{
	struct table table;
	int err = table_init(&table, view, signs);

	if (!err)
		err = table_choose(&table, view->is_full ? 0 : TREE_LINES_MAX);
	if (!err)
		err = table_measure(&table);
	if (!err && table.n_rows > 0) {
		columns_fit(&table.columns, UINT32_MAX / 2);
		put_headings(file, signs, "command", &table.columns);
		for (size_t i = 0; i < table.n_rows; i++) {
			if (table.rows[i].shown)
				put_node(file, signs, &table, &table.rows[i]);
		}
		fputs("| **total** |", file);
		put_numbers(file, signs, &table.columns,
		            &(struct subject){.node = tree_top(view->tree)});
		if (table.n_shown < table.n_rows)
			fprintf(file, "\n%zu more lines of less cost are left out.\n",
			        table.n_rows - table.n_shown);
	}
	table_fini(&table);
	return err;
}

static int put_costliest(FILE *file, const struct text_signs *signs, const struct view *view)
{
	const struct ranking *ranking = tree_costliest(view->tree);
	struct subject subjects[TREE_COSTLIEST_MAX];
	struct columns columns;

	if (ranking->n < 2)
		return 0;
	for (size_t i = 0; i < ranking->n; i++)
		subjects[i] = (struct subject){.ranked = ranking->entries[i]};
	columns_for_list(&columns, view->tree, view->wall_ns);
	columns_measure(&columns, subjects, ranking->n, signs);
	columns_fit(&columns, UINT32_MAX / 2);
	put_headings(file, signs, "costliest processes", &columns);
	for (size_t i = 0; i < ranking->n; i++) {
		fputs("| ", file);
		put_label(file, signs, ranking->entries[i]->label.name,
		          ranking->entries[i]->label.detail, true);
		fputs(" |", file);
		put_numbers(file, signs, &columns, &subjects[i]);
	}
	return 0;
}

static void put_failures(FILE *file, const struct text_signs *signs, const struct view *view)
{
	const struct failures *failures = tree_failures(view->tree);
	char status[FAILURE_TEXT_SIZE];

	if (failures->processes == 0)
		return;
	fprintf(file, "\n%" PRIu64 " failed:\n\n", failures->processes);
	for (size_t i = 0; i < failures->n && (view->is_full || i < TREE_COSTLIEST_MAX); i++) {
		const struct failure *failure = &failures->groups[i];

		failure_describe(failure->wait_status, failure->oom_killed, status);
		fprintf(file, "- **%s** ", status);
		put_label(file, signs, failure->label.name, failure->label.detail, false);
		if (failure->processes > 1)
			fprintf(file, " ×%" PRIu64, failure->processes);
		fputc('\n', file);
	}
}

/* The total of a field, as a time. Returns false if it is missing or 0. */
static bool get_time(const struct view *view, const struct text_signs *signs, const char *name,
                     double *ns, char text[static TEXT_NUMBER_SIZE])
{
	const int field = life_field_index(tree_schema(view->tree), name);

	*ns = field < 0 ? 0 : tree_number(&tree_top(view->tree)->inclusive[field]);
	text_duration(number_to_u64(*ns), signs, text);
	return *ns > 0;
}

static void put_cpu_time(FILE *file, const struct text_signs *signs, const struct view *view)
{
	char cpu[TEXT_NUMBER_SIZE], user[TEXT_NUMBER_SIZE], system[TEXT_NUMBER_SIZE];
	double ns, other;

	if (life_field_index(tree_schema(view->tree), "cpu-time") < 0)
		return;
	get_time(view, signs, "cpu-time", &ns, cpu);
	fprintf(file, "- CPU time: %s", cpu);
	if (view->wall_ns > 0)
		fprintf(file, ", %.2f CPUs busy", ns / (double)view->wall_ns);
	if (get_time(view, signs, "user-time", &other, user) |
	    get_time(view, signs, "system-time", &other, system))
		fprintf(file, ", %s user, %s system", user, system);
	fputc('\n', file);
}

static void put_processes(FILE *file, const struct tree_totals *totals)
{
	fprintf(file, "- processes: %" PRIu64, totals->processes);
	if (totals->threads > totals->processes)
		fprintf(file, ", %" PRIu64 " threads", totals->threads);
	if (totals->failed > 0)
		fprintf(file, ", %" PRIu64 " failed", totals->failed);
	if (totals->unknown > 0)
		fprintf(file, ", %" PRIu64 " with unknown exit status", totals->unknown);
	if (totals->running > 0)
		fprintf(file, ", %" PRIu64 " still running", totals->running);
	fputc('\n', file);
}

/* How long processes waited, and which of them most. */
static void put_wait(FILE *file, const struct text_signs *signs, const struct view *view,
                     const char *field, const char *what, const struct ranking *ranking)
{
	char text[TEXT_NUMBER_SIZE];
	double ns;

	if (!sections_has_wait(view, field, &ns))
		return;
	text_duration(number_to_u64(ns), signs, text);
	fprintf(file, "- waited for %s: %s", what, text);
	for (size_t i = 0; i < ranking->n; i++) {
		fputs(i > 0 ? ", " : ": ", file);
		put_label(file, signs, ranking->entries[i]->label.name,
		          ranking->entries[i]->label.detail, false);
		text_duration(number_to_u64(ranking->entries[i]->cost), signs, text);
		fprintf(file, " %s", text);
	}
	fputc('\n', file);
}

static void put_energies(FILE *file, const struct text_signs *signs, const struct view *view)
{
	char text[TEXT_NUMBER_SIZE];
	double joules;

	for (size_t i = 0; view->energies && i < view->energies->n; i++) {
		const struct energy_sum *energy = &view->energies->sums[i];

		text_energy(energy->joules, text);
		fputs("- energy, ", file);
		markdown_put_text(file, signs, energy->domain);
		if (energy->kind != RESOURCE_LOCAL_MACHINE)
			fprintf(file, "-%" PRIu32, energy->id);
		fprintf(file, ": %s\n", text);
	}
	if (sections_has_energy(view, &joules)) {
		text_energy(joules, text);
		fprintf(file, "- energy of the processes: %s\n", text);
	}
	for (size_t i = 0; i < view->n_figures; i++) {
		const struct run_figure *figure = &view->figures[i];
		const bool has_note = figure->note && *figure->note;

		sections_put_figure(figure, signs, text);
		fprintf(file, "- %s: %s%s%s%s\n", figure->label, text, has_note ? " (" : "",
		        has_note ? figure->note : "", has_note ? ")" : "");
	}
}

static void put_head(FILE *file, const struct text_signs *signs, const struct view *view)
{
	char command[1024] = "", text[TEXT_NUMBER_SIZE], status[FAILURE_TEXT_SIZE] = "";
	size_t length = 0;

	if (view->heading)
		snprintf(command, sizeof(command), "%s", view->heading);
	for (char *const *arg = view->heading ? NULL : view->argv;
	     arg && *arg && length + 1 < sizeof(command); arg++)
		length += (size_t)snprintf(command + length, sizeof(command) - length, "%s%s",
		                           length > 0 ? " " : "", *arg);
	fputs("### ", file);
	markdown_put_code(file, signs, command, false);
	if (view->detached)
		snprintf(status, sizeof(status), "still running");
	else if (view->has_status)
		failure_describe(view->wait_status, false, status);
	if (*status)
		fprintf(file, " (%s)", status);
	fputs("\n\n", file);
	if (view->wall_ns > 0) {
		text_duration(view->wall_ns, signs, text);
		fprintf(file, "- wall time: %s\n", text);
	}
	if (view->tree) {
		put_cpu_time(file, signs, view);
		put_processes(file, tree_totals(view->tree));
		put_wait(file, signs, view, "runqueue-wait", "a CPU",
		         tree_waited_to_run(view->tree));
		put_wait(file, signs, view, "block-wait", "disks",
		         tree_waited_for_disks(view->tree));
	}
	put_energies(file, signs, view);
}

int view_markdown(const struct view *view, FILE *file)
{
	struct text_signs signs;
	int err = 0;

	if (view->tree)
		err = tree_settle(view->tree, VARIANTS_MAX);
	if (err)
		return err;
	text_signs_init_utf8(&signs);
	put_head(file, &signs, view);
	if (view->tree) {
		err = put_tree(file, &signs, view);
		if (!err)
			err = put_costliest(file, &signs, view);
		put_failures(file, &signs, view);
	}
	hottest_print_markdown(view, &signs, file);
	/* Without a heading, they would be items of the list above. */
	if (view->n_notices > 0)
		fputs("\nNotes:\n\n", file);
	for (size_t i = 0; i < view->n_notices; i++) {
		fputs(view->notices[i].kind == REPORT_LOSS ? "- missing: " : "- ", file);
		markdown_put_text(file, &signs, view->notices[i].line);
		fputc('\n', file);
	}
	text_signs_fini(&signs);
	return err;
}
