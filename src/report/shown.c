/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/shown.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "report/formats.h"
#include "report/heading.h"
#include "report/names.h"
#include "report/rank_tree.h"
#include "tree/elsewhere.h"

void shown_fini(struct shown *shown)
{
	tree_free(shown->view.tree);
	free(shown->heading);
	free(shown->words);
	free(shown->argv);
	free(shown->paths);
	energy_sums_fini(&shown->energies);
	free(shown->notices);
	hot_free(shown->hot);
}

static int find_criterion(const struct report_lives *lives, const char *by, int *criterion)
{
	struct report_measure measure;
	int err = tree_criterion(&lives->schema, by, criterion);

	if (!err)
		return 0;
	/* Accept names of metrics, too. */
	err = report_measure_find(lives->data, by, &measure);
	*criterion = measure.field < 0 ? TREE_BY_WALL : measure.field;
	return err;
}

/* Whether the run is shown. */
static bool has_run(const struct shown *shown, uint32_t run)
{
	return shown->job == NO_JOB ? run == shown->run : shown->jobs->of_run[run] == shown->job;
}

/* The first run from this one on that is shown; the number of runs: there is none. */
static uint32_t run_from(const struct shown *shown, const struct report_data *data, uint32_t run)
{
	if (shown->job == NO_JOB)
		return run <= shown->run ? shown->run : (uint32_t)data->n_runs;
	while (run < data->n_runs && !has_run(shown, run))
		run++;
	return run;
}

/* Whether the energy of a shown run counts. */
static bool has_energy_of(const struct shown *shown, uint32_t run)
{
	return shown->job == NO_JOB || report_jobs_energy_counts(shown->jobs, run);
}

/*
 * --- what is shown -----------------------------------------------------------------------------
 */

/* Add lives in reverse: children mostly come before their parents, as during a run. */
static int add_run(struct shown *shown, struct report_lives *lives, uint32_t run)
{
	const size_t first = report_first_of(lives->data, run);
	int err = 0;

	for (size_t i = report_first_of(lives->data, run + 1); i > first && !err; i--) {
		struct life life;

		err = report_life_make(lives, i - 1, &life);
		if (shown->job != NO_JOB)
			rank_tree_place(shown->jobs, lives->data, i - 1, &life);
		if (!err)
			err = tree_add(shown->view.tree, &life);
	}
	return err;
}

static int add_lives(struct shown *shown, struct report_lives *lives)
{
	const struct report_data *data = lives->data;
	int err = 0;

	for (uint32_t run = 0; !err && (run = run_from(shown, data, run)) < data->n_runs; run++)
		err = add_run(shown, lives, run);
	if (err || shown->job == NO_JOB)
		return err;
	return rank_tree_add(shown->view.tree, &shown->jobs->items[shown->job]);
}

static enum resource_kind resource_of(const struct report_energy *energy)
{
	if (strcmp(energy->resource_kind->bytes, "cpu_package") == 0)
		return RESOURCE_CPU_PACKAGE;
	return strcmp(energy->resource_kind->bytes, "dram") == 0 ? RESOURCE_DRAM
	                                                         : RESOURCE_LOCAL_MACHINE;
}

static int add_energies_of(struct shown *shown, const struct report_data *data,
                           const struct report_run *run)
{
	int err = 0;

	for (size_t i = 0; i < run->n_energies && !err; i++) {
		const struct report_energy *energy = &data->energies[run->first_energy + i];
		struct energy_sum one = {
			.kind = resource_of(energy),
			.id = (uint32_t)strtoul(energy->resource_id->bytes, NULL, 10),
			.joules = energy->joules,
		};

		strncpy(one.domain, energy->domain->bytes, sizeof(one.domain) - 1);
		if (!energy->part)
			err = energy_sums_add(&shown->energies, &one);
	}
	return err;
}

/* Add up the measured energy of each domain; of a job, over its hosts. */
static int add_energies(struct shown *shown, const struct report_data *data)
{
	int err = 0;

	for (uint32_t run = 0; !err && (run = run_from(shown, data, run)) < data->n_runs; run++) {
		if (has_energy_of(shown, run))
			err = add_energies_of(shown, data, &data->runs[run]);
	}
	energy_sums_sort(&shown->energies);
	shown->view.energies = &shown->energies;
	return err;
}

/* Add the parts of a run's energy. Returns whether it has any. */
static bool add_parts_of(struct energy_parts *parts, const struct report_data *data,
                         const struct report_run *run)
{
	bool has_parts = false;

	for (size_t i = 0; i < run->n_energies; i++) {
		const struct report_energy *energy = &data->energies[run->first_energy + i];
		const char *part = energy->part ? energy->part->bytes : NULL;

		if (!report_energy_is_summed(energy))
			continue;
		has_parts |= part != NULL;
		if (!part)
			parts->total += energy->joules;
		else if (strcmp(part, "other") == 0)
			parts->others += energy->joules;
		else if (strcmp(part, "idle") == 0)
			parts->idle += energy->joules;
		else if (strcmp(part, "graphics") == 0)
			parts->graphics += energy->joules;
		if (energy->method->n > 0)
			parts->method = energy->method->bytes;
	}
	return has_parts;
}

/* Add the energy that belongs to no process of the run. */
static void add_parts(struct shown *shown, const struct report_data *data)
{
	struct energy_parts parts = {.method = ""};
	bool has_parts = false;

	for (uint32_t run = 0; (run = run_from(shown, data, run)) < data->n_runs; run++) {
		if (has_energy_of(shown, run))
			has_parts |= add_parts_of(&parts, data, &data->runs[run]);
	}
	if (!has_parts)
		return;
	shown->view.n_figures =
		energy_parts_figures(&parts, shown->method, sizeof(shown->method), shown->figures);
	shown->view.figures = shown->figures;
}

/* Whether a line is already there: several agents of a job often report the same. */
static bool is_said(const struct run_notice *notices, size_t n, const char *line)
{
	while (n > 0 && strcmp(notices[n - 1].line, line) != 0)
		n--;
	return n > 0;
}

/*
 * Add what could not be read, what the agent reported, and a hint if the work was done outside of
 * this tree.
 */
static int add_notices(struct shown *shown, const struct report_data *data)
{
	struct run_notice *notices =
		calloc(data->n_notes + data->n_notices + 1, sizeof(*notices));
	const char *hint = NULL;
	size_t n = 0;

	if (!notices)
		return -ENOMEM;
	for (size_t i = 0; i < data->n_notes; i++)
		notices[n++] = (struct run_notice){REPORT_LOSS, data->notes[i]};
	for (size_t i = 0; i < data->n_notices; i++) {
		const struct report_notice *notice = &data->notices[i];

		if (has_run(shown, notice->run) && !is_said(notices, n, notice->text))
			notices[n++] = (struct run_notice){
				notice->is_loss ? REPORT_LOSS : REPORT_NOTE, notice->text};
	}
	if (shown->job == NO_JOB && shown->view.has_status && shown->argv)
		hint = elsewhere_hint(shown->argv, shown->view.tree, shown->view.wall_ns);
	if (hint)
		notices[n++] = (struct run_notice){REPORT_NOTE, hint};
	shown->view.notices = shown->notices = notices;
	shown->view.n_notices = n;
	return 0;
}

/* Add the functions of a run's processes. */
static int add_functions_of(struct shown *shown, const struct report_data *data,
                            const struct report_run *run)
{
	for (size_t i = 0; i < run->n_counts; i++) {
		const struct report_count *count = &data->counts[run->first_count + i];
		const struct report_process *process = &data->processes[count->process];
		const struct report_frame *frame =
			count->frame == NO_FRAME ? NULL : &data->frames[count->frame];

		if (!shown->hot)
			shown->hot = hot_new();
		if (!shown->hot ||
		    hot_add(shown->hot, process->comm->bytes, frame ? frame->function->bytes : NULL,
		            frame ? frame->module->bytes : NULL, number_to_u64(count->samples),
		            count->weight))
			return -ENOMEM;
	}
	return 0;
}

static int add_functions(struct shown *shown, const struct report_data *data)
{
	int err = 0;

	for (uint32_t run = 0; !err && (run = run_from(shown, data, run)) < data->n_runs; run++)
		err = add_functions_of(shown, data, &data->runs[run]);
	shown->view.hot = shown->hot;
	return err;
}

/* Split the command into words. */
static int split_command(struct shown *shown, const struct report_text *args)
{
	size_t n, words = 0;

	shown->words = malloc(args->n + 1);
	if (!shown->words)
		return -ENOMEM;
	n = report_args_split(args, shown->words);
	shown->argv = calloc(n + 1, sizeof(*shown->argv));
	if (!shown->argv)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || shown->words[i - 1] == '\0')
			shown->argv[words++] = shown->words + i;
	}
	return 0;
}

static int fill(struct shown *shown, struct report_lives *lives, const char *by)
{
	const struct report_data *data = lives->data;
	int criterion, err = find_criterion(lives, by, &criterion);

	if (err)
		return err;
	shown->view.more = "-v";
	shown->view.tree = tree_new(&lives->schema, criterion);
	if (!shown->view.tree)
		return -ENOMEM;
	err = add_lives(shown, lives);
	if (!err)
		err = add_energies(shown, data);
	if (!err)
		err = add_functions(shown, data);
	if (!err)
		add_parts(shown, data);
	return err ? err : add_notices(shown, data);
}

/*
 * How the command ended: by the row of its process, which says more, or else by that of the run.
 * root may be NULL.
 */
static void set_status(struct view *view, const struct report_run *run,
                       const struct report_process *root)
{
	if (view->is_watch)
		return;
	if (root && root->has_end && !root->status_hidden) {
		view->has_status = true;
		view->wait_status = report_wait_status(root);
	} else if (run->has_status) {
		view->has_status = true;
		view->wait_status = run->signal ? run->signal : run->exit_status << 8;
	}
}

/* Fill in the command, how it ended, and how long it took. */
static int make_head(struct shown *shown, const struct report_data *data, uint32_t run)
{
	const struct report_process *root = report_root(data, run);

	shown->view.is_watch = data->runs[run].is_watch;
	shown->view.heading = shown->heading = report_heading(data, run);
	if (!shown->heading ||
	    (!shown->view.is_watch && split_command(shown, data->runs[run].command)))
		return -ENOMEM;
	shown->view.detached = data->runs[run].detached;
	set_status(&shown->view, &data->runs[run], root);
	shown->view.wall_ns = report_wall_ns(data, run);
	shown->view.paths = &data->runs[run].file;
	shown->view.n_paths = 1;
	return 0;
}

int shown_make_run(struct shown *shown, struct report_lives *lives, uint32_t run, const char *by)
{
	int err;

	*shown = (struct shown){.job = NO_JOB, .run = run};
	err = make_head(shown, lives->data, run);
	return err ? err : fill(shown, lives, by);
}

/*
 * The job's first process with a rank, or if none has one, its first process. Its command usually
 * represents the job.
 */
static const struct report_process *first_of_job(const struct shown *shown,
                                                 const struct report_data *data)
{
	const struct report_process *first = NULL;

	for (size_t i = 0; i < data->n_processes; i++) {
		if (!has_run(shown, data->processes[i].run))
			continue;
		if (shown->jobs->rank_of[i] != NO_RANK)
			return &data->processes[i];
		first = first ? first : &data->processes[i];
	}
	return first;
}

/* Fill in the files of a job; only the first FILES_NAMED are named. */
static int name_files(struct shown *shown, const struct report_data *data)
{
	const struct report_job *job = &shown->jobs->items[shown->job];

	shown->paths = calloc(FILES_NAMED + 1, sizeof(*shown->paths));
	if (!shown->paths)
		return -ENOMEM;
	for (uint32_t i = 0; i < data->n_runs && shown->view.n_paths < FILES_NAMED; i++) {
		if (has_run(shown, i))
			shown->paths[shown->view.n_paths++] = data->runs[i].file;
	}
	if (job->n_runs > FILES_NAMED) {
		snprintf(shown->more, sizeof(shown->more), "and %zu more",
		         job->n_runs - FILES_NAMED);
		shown->paths[shown->view.n_paths++] = shown->more;
	}
	shown->view.paths = shown->paths;
	return 0;
}

int shown_make_job(struct shown *shown, struct report_lives *lives, const struct report_jobs *jobs,
                   uint32_t which, const char *by)
{
	const struct report_job *job = &jobs->items[which];
	const struct report_process *first;

	*shown = (struct shown){.jobs = jobs, .job = which};
	if (job->n_runs == 1) {
		int err = make_head(shown, lives->data, run_from(shown, lives->data, 0));

		return err ? err : fill(shown, lives, by);
	}
	first = first_of_job(shown, lives->data);
	shown->heading = first ? report_heading_of(first, first->args) : strdup("no processes");
	if (!shown->heading || name_files(shown, lives->data))
		return -ENOMEM;
	shown->view.heading = shown->heading;
	shown->view.wall_ns = job->end_ns > job->begin_ns ? job->end_ns - job->begin_ns : 0;
	return fill(shown, lives, by);
}
