/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The summary once more, of each run: as text, and as Markdown for a CI job's page. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/log.h"
#include "report/formats.h"
#include "report/lives.h"
#include "tree/view/view.h"

/* GitHub's job summaries take no more: https://docs.github.com/actions, GITHUB_STEP_SUMMARY. */
#define MARKDOWN_MAX ((size_t)1024 * 1024)

/* One run as it is shown. */
struct shown_run {
	struct view view;
	struct energy_sums energies;
	struct run_figure *figures;
	struct run_notice *notices;
};

static void shown_run_fini(struct shown_run *shown)
{
	tree_free(shown->view.tree);
	energy_sums_fini(&shown->energies);
	free(shown->figures);
	free(shown->notices);
}

static int find_criterion(const struct report_lives *lives, const char *by, int *criterion)
{
	struct report_measure measure;
	int err = tree_criterion(&lives->schema, by, criterion);

	if (!err)
		return 0;
	/* Names of metrics are understood too. */
	err = report_measure_find(lives->data, by, &measure);
	*criterion = measure.field < 0 ? TREE_BY_WALL : measure.field;
	return err;
}

/* Children come before their parents, as they mostly do in a run. */
static int add_lives(struct shown_run *shown, struct report_lives *lives, uint32_t run)
{
	for (size_t i = lives->data->n_processes; i > 0; i--) {
		struct life life;
		int err;

		if (lives->data->processes[i - 1].run != run)
			continue;
		err = report_life_make(lives, i - 1, &life);
		if (!err)
			err = tree_add(shown->view.tree, &life);
		if (err)
			return err;
	}
	return 0;
}

static enum resource_kind resource_of(const struct report_energy *energy)
{
	if (strcmp(energy->resource_kind->bytes, "cpu_package") == 0)
		return RESOURCE_CPU_PACKAGE;
	return strcmp(energy->resource_kind->bytes, "dram") == 0 ? RESOURCE_DRAM
	                                                         : RESOURCE_LOCAL_MACHINE;
}

/* Measured energy by domain, and the parts of it that are no process's. */
static int add_energies(struct shown_run *shown, const struct report_data *data, uint32_t run)
{
	size_t n_figures = 0;

	shown->energies.sums = calloc(data->n_energies + 1, sizeof(*shown->energies.sums));
	shown->figures = calloc(data->n_energies + 1, sizeof(*shown->figures));
	if (!shown->energies.sums || !shown->figures)
		return -ENOMEM;
	for (size_t i = 0; i < data->n_energies; i++) {
		const struct report_energy *energy = &data->energies[i];
		struct energy_sum *sum = &shown->energies.sums[shown->energies.n];

		if (energy->run != run)
			continue;
		if (energy->part) {
			shown->figures[n_figures++] = (struct run_figure){
				.label = energy->part->bytes,
				.value = energy->joules,
				.unit = &UNIT_JOULE,
				.note = energy->domain->bytes,
			};
			continue;
		}
		strncpy(sum->domain, energy->domain->bytes, sizeof(sum->domain) - 1);
		sum->kind = resource_of(energy);
		sum->id = (uint32_t)strtoul(energy->resource_id->bytes, NULL, 10);
		sum->joules = energy->joules;
		shown->energies.n++;
	}
	energy_sums_sort(&shown->energies);
	shown->view.energies = &shown->energies;
	shown->view.figures = shown->figures;
	shown->view.n_figures = n_figures;
	return 0;
}

static int add_notices(struct shown_run *shown, const struct report_data *data)
{
	shown->notices = calloc(data->n_notes + 1, sizeof(*shown->notices));
	if (!shown->notices)
		return -ENOMEM;
	for (size_t i = 0; i < data->n_notes; i++)
		shown->notices[i] = (struct run_notice){REPORT_LOSS, data->notes[i]};
	shown->view.notices = shown->notices;
	shown->view.n_notices = data->n_notes;
	return 0;
}

/* The first process of the run, whose command line is the heading; NULL: it has none. */
static const struct report_process *root_of(const struct report_data *data, uint32_t run)
{
	for (size_t i = 0; i < data->n_processes; i++) {
		if (data->processes[i].run == run)
			return &data->processes[i];
	}
	return NULL;
}

static int make_run(struct shown_run *shown, struct report_lives *lives, uint32_t run,
                    const char *by)
{
	const struct report_data *data = lives->data;
	const struct report_process *root = root_of(data, run);
	int criterion, err = find_criterion(lives, by, &criterion);

	*shown = (struct shown_run){.view = {.tree = NULL}};
	if (err)
		return err;
	shown->view.tree = tree_new(&lives->schema, criterion);
	if (!shown->view.tree)
		return -ENOMEM;
	shown->view.heading = "no processes";
	if (root) {
		shown->view.heading = root->args->n ? root->args->bytes : root->comm->bytes;
		shown->view.has_status = root->has_end && !root->status_hidden;
		shown->view.wait_status = report_wait_status(root);
	}
	shown->view.wall_ns = data->runs[run].end_ns - data->runs[run].begin_ns;
	shown->view.paths = &data->runs[run].file;
	shown->view.n_paths = 1;
	shown->view.more = "-v";
	err = add_lives(shown, lives, run);
	if (!err)
		err = add_energies(shown, data, run);
	return err ? err : add_notices(shown, data);
}

/* Each run, written by the function. */
static int write_runs(struct report_data *data, const struct report_options *options, FILE *out,
                      int (*write)(struct shown_run *shown, FILE *out))
{
	struct report_lives lives;
	int err = report_lives_init(&lives, data);

	for (uint32_t run = 0; run < data->n_runs && !err; run++) {
		struct shown_run shown;

		if (run > 0)
			fputc('\n', out);
		err = make_run(&shown, &lives, run, options->by);
		if (!err)
			err = write(&shown, out);
		shown_run_fini(&shown);
	}
	report_lives_fini(&lives);
	if (err == -ENOMEM)
		log_error("out of memory for the report");
	return err;
}

static int write_text(struct shown_run *shown, FILE *out)
{
	const char *terminal = getenv("TERM");
	struct winsize size = {.ws_row = 0};

	shown->view.is_full = log_is_shown(LOG_INFO) || !isatty(fileno(out));
	if (isatty(fileno(out)) && ioctl(fileno(out), TIOCGWINSZ, &size) == 0) {
		shown->view.columns = size.ws_col;
		shown->view.rows = size.ws_row;
		shown->view.colour =
			!getenv("NO_COLOR") && terminal && strcmp(terminal, "dumb") != 0;
	}
	return view_text(&shown->view, out);
}

int report_write_text(struct report_data *data, const struct report_options *options, FILE *out)
{
	return write_runs(data, options, out, write_text);
}

static int write_markdown(struct shown_run *shown, FILE *out)
{
	return view_markdown(&shown->view, out);
}

/* Whole lines up to what such pages take. */
int report_write_markdown(struct report_data *data, const struct report_options *options, FILE *out)
{
	static const char cut[] = "\n*The report is cut here: it has more than 1 MiB.*\n";
	char *text = NULL;
	size_t n = 0;
	FILE *memory = open_memstream(&text, &n);
	int err;

	if (!memory) {
		log_error("out of memory for the report");
		return -ENOMEM;
	}
	err = write_runs(data, options, memory, write_markdown);
	if (fclose(memory) != 0 && !err)
		err = -ENOMEM;
	if (!err && n > MARKDOWN_MAX) {
		n = MARKDOWN_MAX - sizeof(cut);
		while (n > 0 && text[n - 1] != '\n')
			n--;
		fwrite(text, 1, n, out);
		fputs(cut, out);
	} else if (!err) {
		fwrite(text, 1, n, out);
	}
	free(text);
	return err;
}
