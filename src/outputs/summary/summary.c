/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "outputs/summary/summary.h"
#include "outputs/summary/summary_energy.h"
#include "outputs/summary/summary_print.h"
#include "outputs/summary/summary_text.h"
#include "outputs/summary/tree.h"

#define ENERGY_METRIC "rapl_consumed_energy"
#define DEFAULT_ROWS 24
#define LEAST_TREE_LINES 5
#define COMMAND_CELLS 1000 /* of a command line shown where nothing limits the width */
#define TITLE_CELLS 15     /* "  wall time    " */

struct summary {
	enum summary_mode mode;
	const struct metric_registry *metrics;
	char *const *command;
	uint64_t wall_ns;
	int wait_status;

	struct tree *tree;
	char *counter_names[TREE_COUNTERS_MAX];
	size_t n_counters;
	struct tree_counter total[TREE_COUNTERS_MAX];
	uint64_t processes, threads, cpu_ns;
	bool no_memory;

	bool energy_known;
	uint32_t energy_metric;
	struct energy_sums energies;

	char **notices;
	size_t n_notices;
};

/* --- processes -------------------------------------------------------------------------------- */

void summary_begin(struct summary *summary, size_t n_counters, const char *const *counter_names)
{
	if (summary->tree || summary->mode == SUMMARY_NONE)
		return;
	summary->tree = tree_new(n_counters);
	if (!summary->tree) {
		summary->no_memory = true;
		return;
	}
	for (size_t i = 0; i < tree_n_counters(summary->tree); i++) {
		summary->counter_names[i] = strdup(counter_names[i]);
		if (!summary->counter_names[i]) {
			summary->no_memory = true;
			return;
		}
		summary->n_counters++;
	}
}

static void add_to_total(struct summary *summary, const struct process_report *report)
{
	summary->processes++;
	summary->threads += report->threads;
	summary->cpu_ns += report->cpu_ns;
	for (size_t i = 0; i < summary->n_counters && i < report->n_counters; i++) {
		struct tree_counter *total = &summary->total[i];

		if (report->counters[i].has_value) {
			total->has_value = true;
			total->value += report->counters[i].value;
		} else {
			total->is_partial = true;
		}
	}
}

void summary_add_process(struct summary *summary, const struct process_report *report)
{
	if (!summary->tree)
		return;
	add_to_total(summary, report);
	if (!summary->no_memory && tree_add(summary->tree, report) != 0)
		summary->no_memory = true;
}

/* --- energy ----------------------------------------------------------------------------------- */

static bool is_energy(struct summary *summary, const struct point *point)
{
	if (summary->energy_known)
		return point->metric == summary->energy_metric;
	if (strcmp(metric_get(summary->metrics, point->metric)->name, ENERGY_METRIC) != 0)
		return false;
	summary->energy_known = true;
	summary->energy_metric = point->metric;
	return true;
}

int summary_add_points(struct summary *summary, const struct point *points, size_t n)
{
	for (size_t i = 0; i < n && summary->mode != SUMMARY_NONE; i++) {
		if (is_energy(summary, &points[i]) &&
		    energy_sums_add(&summary->energies, &points[i]) != 0)
			return -ENOMEM;
	}
	return 0;
}

/* --- life ------------------------------------------------------------------------------------- */

struct summary *summary_new(enum summary_mode mode, const struct metric_registry *metrics)
{
	struct summary *summary = calloc(1, sizeof(*summary));

	if (!summary)
		return NULL;
	summary->mode = mode;
	summary->metrics = metrics;
	return summary;
}

void summary_free(struct summary *summary)
{
	if (!summary)
		return;
	tree_free(summary->tree);
	for (size_t i = 0; i < summary->n_counters; i++)
		free(summary->counter_names[i]);
	energy_sums_fini(&summary->energies);
	for (size_t i = 0; i < summary->n_notices; i++)
		free(summary->notices[i]);
	free(summary->notices);
	free(summary);
}

void summary_set_command(struct summary *summary, char *const *argv)
{
	summary->command = argv;
}

void summary_set_wall_time(struct summary *summary, uint64_t ns)
{
	summary->wall_ns = ns;
}

void summary_set_wait_status(struct summary *summary, int wait_status)
{
	summary->wait_status = wait_status;
}

void summary_add_notice(struct summary *summary, const char *line)
{
	char **more;
	char *copy;

	if (summary->mode == SUMMARY_NONE)
		return;
	copy = strdup(line);
	more = reallocarray(summary->notices, summary->n_notices + 1, sizeof(*more));
	if (more)
		summary->notices = more;
	if (!copy || !more) {
		summary->no_memory = true;
		free(copy);
		return;
	}
	summary->notices[summary->n_notices++] = copy;
}

/* --- printing --------------------------------------------------------------------------------- */

/* A sheet of paper: where it goes, how wide it is, how many lines it has. */
struct sheet {
	FILE *file;
	unsigned columns; /* 0: no limit */
	struct text_signs signs;
	unsigned lines;
};

static void print_line(struct sheet *sheet, const struct text_line *line)
{
	fputs(line->bytes, sheet->file);
	fputc('\n', sheet->file);
	sheet->lines++;
}

static void start_titled(const struct sheet *sheet, struct text_line *line, const char *title)
{
	text_start(line, &sheet->signs);
	text_put(line, "  ");
	text_put(line, title);
	text_pad(line, TITLE_CELLS);
}

/* Arguments as a shell would have them are not aimed at: this is to be recognized, not run. */
static void print_command(struct sheet *sheet, const struct summary *summary)
{
	unsigned limit = sheet->columns ? sheet->columns : COMMAND_CELLS;
	char status[TEXT_NUMBER_SIZE], note[TEXT_NUMBER_SIZE + 8] = "";
	char shown[4096] = "";
	struct text_line line;
	size_t length = 0;
	unsigned note_cells;

	for (char *const *arg = summary->command; arg && *arg && length < sizeof(shown); arg++) {
		length += (size_t)snprintf(shown + length, sizeof(shown) - length, "%s%s",
		                           arg == summary->command ? "" : " ", *arg);
	}
	describe_wait_status(summary->wait_status, status);
	if (*status)
		snprintf(note, sizeof(note), "  (%s)", status);
	note_cells = (unsigned)strlen(note);
	text_start(&line, &sheet->signs);
	text_put_name(&line, shown, limit > note_cells ? limit - note_cells : 0);
	text_put(&line, note);
	print_line(sheet, &line);
}

static void print_times(struct sheet *sheet, const struct summary *summary)
{
	char number[TEXT_NUMBER_SIZE], text[128];
	struct text_line line;

	start_titled(sheet, &line, "wall time");
	text_duration(summary->wall_ns, &sheet->signs, number);
	text_put(&line, number);
	print_line(sheet, &line);
	if (!summary->tree)
		return;

	start_titled(sheet, &line, "CPU time");
	text_duration(summary->cpu_ns, &sheet->signs, number);
	text_put(&line, number);
	if (summary->wall_ns > 0) {
		snprintf(text, sizeof(text), ", %.2f CPUs busy",
		         (double)summary->cpu_ns / (double)summary->wall_ns);
		text_put(&line, text);
	}
	print_line(sheet, &line);

	start_titled(sheet, &line, "processes");
	snprintf(text, sizeof(text), "%" PRIu64, summary->processes);
	text_put(&line, text);
	if (summary->threads > summary->processes) {
		snprintf(text, sizeof(text), " with %" PRIu64 " threads", summary->threads);
		text_put(&line, text);
	}
	print_line(sheet, &line);
}

static void print_energies(struct sheet *sheet, struct summary *summary)
{
	struct text_line line;
	bool first = true;

	if (summary->energies.n == 0)
		return;
	energy_sums_sort(&summary->energies);
	start_titled(sheet, &line, "energy");
	for (size_t i = 0; i < summary->energies.n; i++) {
		const struct energy_sum *energy = &summary->energies.sums[i];
		char number[TEXT_NUMBER_SIZE], id[16] = "", text[64];

		if (energy->kind != RESOURCE_LOCAL_MACHINE)
			snprintf(id, sizeof(id), "-%" PRIu32, energy->id);
		text_energy(energy->joules, number);
		snprintf(text, sizeof(text), "%s%s %s", energy->domain, id, number);
		if (!first && sheet->columns && line.cells + 3 + strlen(text) > sheet->columns) {
			print_line(sheet, &line);
			start_titled(sheet, &line, "");
			first = true;
		}
		text_put(&line, first ? "" : "   ");
		text_put(&line, text);
		first = false;
	}
	print_line(sheet, &line);
}

/* Words up to the terminal's edge; what follows is indented. */
static void print_notice(struct sheet *sheet, const char *words)
{
	struct text_line line;
	const char *indent = "  ";

	text_start(&line, &sheet->signs);
	text_put(&line, indent);
	while (*words) {
		size_t length = strcspn(words, " ");
		char word[256];

		snprintf(word, sizeof(word), "%s%.*s", line.cells > strlen(indent) ? " " : "",
		         (int)length, words);
		if (sheet->columns && line.cells > strlen(indent) &&
		    line.cells + length + 1 > sheet->columns) {
			print_line(sheet, &line);
			indent = "    ";
			text_start(&line, &sheet->signs);
			text_put(&line, indent);
			continue;
		}
		text_put(&line, word);
		words += length;
		words += *words == ' ';
	}
	print_line(sheet, &line);
}

static void print_tree(struct sheet *sheet, struct summary *summary, unsigned rows)
{
	/* A blank line before it; heading, total and "more lines"; notices and the prompt after. */
	size_t taken = sheet->lines + 1 + 3 + summary->n_notices + 1;
	struct tree_drawing drawing = {
		.tree = summary->tree,
		.signs = &sheet->signs,
		.counter_names = (const char *const *)summary->counter_names,
		.columns = sheet->columns,
		.cpu_ns = summary->cpu_ns,
		.total = summary->total,
	};

	if (summary->mode == SUMMARY_SHORT)
		drawing.max_lines =
			rows > taken + LEAST_TREE_LINES ? rows - taken : LEAST_TREE_LINES;
	tree_settle(summary->tree);
	fputc('\n', sheet->file);
	tree_draw(&drawing, sheet->file);
}

void summary_print(struct summary *summary, FILE *file, unsigned columns, unsigned rows)
{
	struct sheet sheet = {.file = file, .columns = columns, .lines = 1};

	if (summary->mode == SUMMARY_NONE)
		return;
	text_signs_init(&sheet.signs);
	fputc('\n', file);
	print_command(&sheet, summary);
	print_times(&sheet, summary);
	print_energies(&sheet, summary);
	if (summary->no_memory)
		fputs("  memory ran out while the tree of processes was recorded\n", file);
	else if (summary->tree)
		print_tree(&sheet, summary, rows ? rows : DEFAULT_ROWS);
	for (size_t i = 0; i < summary->n_notices; i++)
		print_notice(&sheet, summary->notices[i]);
	fflush(file);
	text_signs_fini(&sheet.signs);
}
