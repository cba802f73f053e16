/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "tree/label.h"
#include "tree/view/flow.h"
#include "tree/view/sections.h"

#define COMMAND_CELLS 120 /* of a command line if nothing limits the width */
#define COMMAND_SIZE 4096

/* Join the arguments without shell quoting: the line is meant to be read, not run. */
static void join_command(const struct view *view, char text[static COMMAND_SIZE])
{
	size_t length = 0;

	text[0] = '\0';
	if (view->heading) {
		snprintf(text, COMMAND_SIZE, "%s", view->heading);
		return;
	}
	for (char *const *arg = view->argv; arg && *arg && length + 1 < COMMAND_SIZE; arg++) {
		length += (size_t)snprintf(text + length, COMMAND_SIZE - length, "%s%s",
		                           arg == view->argv ? "" : " ", *arg);
	}
}

/* Join the lines of a text, such as a script, by single blanks. */
static void join_lines(char *text)
{
	char *to = text;

	for (const char *from = text; *from;) {
		size_t blanks = strspn(from, " \t\n");

		if (memchr(from, '\n', blanks)) {
			*to++ = ' ';
			from += blanks;
		} else {
			*to++ = *from++;
		}
	}
	while (to > text && to[-1] == ' ')
		to--;
	*to = '\0';
}

static void print_command(const struct view *view, const struct text_signs *signs, FILE *file)
{
	const unsigned limit = view->columns ? view->columns : COMMAND_CELLS;
	char status[FAILURE_TEXT_SIZE] = "", note[FAILURE_TEXT_SIZE + 8] = "";
	char command[COMMAND_SIZE];
	struct text_line line;
	unsigned note_cells;

	join_command(view, command);
	join_lines(command);
	if (view->detached)
		snprintf(status, sizeof(status), "still running");
	else if (view->has_status)
		failure_describe(view->wait_status, false, status);
	if (*status)
		snprintf(note, sizeof(note), "  (%s)", status);
	note_cells = (unsigned)strlen(note);
	text_start(&line, signs);
	text_style(&line, TEXT_BOLD);
	text_put_middle(&line, command, limit > note_cells ? limit - note_cells : 0);
	if (*note) {
		text_style(&line, TEXT_PLAIN);
		text_style(&line, view->detached ? TEXT_PLAIN : TEXT_RED);
		text_put(&line, note);
	}
	text_style(&line, TEXT_PLAIN);
	fprintf(file, "%s\n", line.bytes);
}

static void put_item(struct flow *flow, const char *text)
{
	struct text_line item;

	text_start(&item, flow->signs);
	text_put(&item, text);
	flow_item(flow, &item);
}

/* Get the total of a field over all processes. Returns false if it is missing or 0. */
static bool total_of(const struct tree *tree, const char *name, double *value)
{
	const int field = life_field_index(tree_schema(tree), name);

	if (field < 0)
		return false;
	*value = tree_number(&tree_top(tree)->inclusive[field]);
	return *value > 0;
}

static void print_cpu_time(const struct view *view, const struct text_signs *signs, FILE *file)
{
	char number[TEXT_NUMBER_SIZE], text[128];
	double cpu = 0, user = 0, system = 0;
	struct flow flow;

	if (life_field_index(tree_schema(view->tree), "cpu-time") < 0)
		return;
	total_of(view->tree, "cpu-time", &cpu);
	flow_start(&flow, file, signs, view->columns, "CPU time", TEXT_PLAIN);
	flow.gap = ", ";
	text_duration(number_to_u64(cpu), signs, number);
	put_item(&flow, number);
	if (view->wall_ns > 0) {
		snprintf(text, sizeof(text), "%.2f CPUs busy", cpu / (double)view->wall_ns);
		put_item(&flow, text);
	}
	if (total_of(view->tree, "user-time", &user) |
	    total_of(view->tree, "system-time", &system)) {
		text_duration(number_to_u64(user), signs, number);
		snprintf(text, sizeof(text), "%s user", number);
		put_item(&flow, text);
		text_duration(number_to_u64(system), signs, number);
		snprintf(text, sizeof(text), "%s system", number);
		put_item(&flow, text);
	}
	flow_end(&flow);
}

static void print_processes(const struct view *view, const struct text_signs *signs, FILE *file)
{
	const struct tree_totals *totals = tree_totals(view->tree);
	struct text_line item;
	struct flow flow;
	char text[64];

	flow_start(&flow, file, signs, view->columns, "processes", TEXT_PLAIN);
	flow.gap = ", ";
	snprintf(text, sizeof(text), "%" PRIu64, totals->processes);
	put_item(&flow, text);
	if (totals->threads > totals->processes) {
		snprintf(text, sizeof(text), "%" PRIu64 " threads", totals->threads);
		put_item(&flow, text);
	}
	if (totals->failed > 0) {
		snprintf(text, sizeof(text), "%" PRIu64 " failed", totals->failed);
		text_start(&item, signs);
		text_style(&item, TEXT_RED);
		text_put(&item, text);
		text_style(&item, TEXT_PLAIN);
		flow_item(&flow, &item);
	}
	if (totals->unknown > 0) {
		snprintf(text, sizeof(text), "%" PRIu64 " with unknown exit status",
		         totals->unknown);
		put_item(&flow, text);
	}
	if (totals->running > 0) {
		snprintf(text, sizeof(text), "%" PRIu64 " still running", totals->running);
		put_item(&flow, text);
	}
	flow_end(&flow);
}

static void print_energies(const struct view *view, const struct text_signs *signs, FILE *file)
{
	struct flow flow;

	if (!view->energies || view->energies->n == 0)
		return;
	flow_start(&flow, file, signs, view->columns, "energy", TEXT_PLAIN);
	for (size_t i = 0; i < view->energies->n; i++) {
		const struct energy_sum *energy = &view->energies->sums[i];
		char number[TEXT_NUMBER_SIZE], id[16] = "", text[96];

		if (energy->kind != RESOURCE_LOCAL_MACHINE)
			snprintf(id, sizeof(id), "-%" PRIu32, energy->id);
		text_energy(energy->joules, number);
		snprintf(text, sizeof(text), "%s%s %s", energy->domain, id, number);
		put_item(&flow, text);
	}
	flow_end(&flow);
}

void sections_put_figure(const struct run_figure *figure, const struct text_signs *signs,
                         char text[static TEXT_NUMBER_SIZE])
{
	switch (quantity_of(figure->unit)) {
	case QUANTITY_ENERGY:
		text_energy(figure->value, text);
		break;
	case QUANTITY_TIME:
		text_duration(number_to_u64(figure->value), signs, text);
		break;
	case QUANTITY_BYTES:
		text_bytes(figure->value, text);
		break;
	default:
		snprintf(text, TEXT_NUMBER_SIZE, "%.6g%s%s", figure->value,
		         figure->unit && *figure->unit->display ? " " : "",
		         figure->unit ? figure->unit->display : "");
	}
}

bool sections_has_energy(const struct view *view, double *joules)
{
	*joules = 0;
	return view->n_figures > 0 && view->tree &&
	       total_of(view->tree, "attributed-energy", joules);
}

/*
 * Print figures of the whole run that transforms computed, followed by their notes; before them,
 * the part of its energy that is the processes'.
 */
static void print_figures(const struct view *view, const struct text_signs *signs, FILE *file)
{
	struct flow flow;
	double joules;

	if (view->n_figures == 0)
		return;
	flow_start(&flow, file, signs, view->columns, "", TEXT_PLAIN);
	if (sections_has_energy(view, &joules)) {
		char number[TEXT_NUMBER_SIZE], text[160];

		text_energy(joules, number);
		snprintf(text, sizeof(text), "processes %s", number);
		put_item(&flow, text);
	}
	for (size_t i = 0; i < view->n_figures; i++) {
		const struct run_figure *figure = &view->figures[i];
		char number[TEXT_NUMBER_SIZE], text[160];

		sections_put_figure(figure, signs, number);
		snprintf(text, sizeof(text), "%s %s", figure->label, number);
		put_item(&flow, text);
	}
	for (size_t i = 0; i < view->n_figures; i++) {
		const struct run_figure *figure = &view->figures[i];

		if (!figure->note || !*figure->note)
			continue;
		flow_break(&flow);
		flow_words(&flow, figure->label);
		flow_words(&flow, figure->note);
	}
	flow_end(&flow);
}

void sections_print_head(const struct view *view, const struct text_signs *signs, FILE *file)
{
	char number[TEXT_NUMBER_SIZE];

	print_command(view, signs, file);
	if (view->wall_ns > 0) {
		text_duration(view->wall_ns, signs, number);
		fprintf(file, "  wall time    %s\n", number);
	}
	if (view->tree) {
		print_cpu_time(view, signs, file);
		print_processes(view, signs, file);
	}
	print_energies(view, signs, file);
	print_figures(view, signs, file);
	if (view->no_tree)
		fprintf(file, "  %s\n", view->no_tree);
}
