/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The end of a run: write the plugins' reports to the files and show them; end the outputs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "run/stages.h"

static void add_notice(void *data, enum report_kind kind, const char *line)
{
	struct notices *notices = data;
	struct run_notice *items = reallocarray(notices->items, notices->n + 1, sizeof(*items));
	char *copy = strdup(line);

	if (items)
		notices->items = items;
	if (!items || !copy) {
		notices->failed = true;
		free(copy);
		return;
	}
	items[notices->n++] = (struct run_notice){.kind = kind, .line = copy};
}

void stages_note(struct stages *stages, const char *line)
{
	add_notice(&stages->notices, REPORT_NOTE, line);
}

/* Logged as warnings; with -q, losses as errors. */
static void log_notices(const struct notices *notices)
{
	for (size_t i = notices->n_logged; i < notices->n; i++) {
		const struct run_notice *notice = &notices->items[i];

		if (notice->kind == REPORT_LOSS && !log_is_shown(LOG_WARN))
			log_error("%s", notice->line);
		else
			log_warn("%s", notice->line);
	}
}

static void report_stages(struct stages *stages)
{
	for (size_t i = 0; i < stages->n_sources; i++) {
		struct source *source = stages->sources[i].source;

		if (source->ops->report)
			source->ops->report(source, add_notice, &stages->notices);
	}
	for (size_t i = 0; i < stages->n_transforms; i++) {
		struct transform *transform = stages->transforms[i];

		if (transform->ops->report)
			transform->ops->report(transform, add_notice, &stages->notices);
	}
}

/* The files contain what the terminal shows, too. */
static void write_notices(struct stages *stages)
{
	struct notices *notices = &stages->notices;

	for (size_t i = 0; i < stages->n_sources; i++) {
		const struct stage_source *source = &stages->sources[i];
		char line[256];

		if (!source->failed)
			continue;
		snprintf(line, sizeof(line), "%s: the measurement is incomplete: %s", source->name,
		         strerror(-source->err));
		notices->failed |= run_rows_push_note(&stages->rows, REPORT_LOSS, line) != 0;
	}
	for (size_t i = 0; i < notices->n; i++)
		notices->failed |= run_rows_push_note(&stages->rows, notices->items[i].kind,
		                                      notices->items[i].line) != 0;
}

static bool notices_are_shown(const struct stages *stages)
{
	for (size_t i = 0; i < stages->n_outputs; i++) {
		if (stages->outputs[i]->shows_notices)
			return true;
	}
	return false;
}

/*
 * Rows are missing from the file of an output. This becomes the first notice, as nothing is more
 * important. The output has logged the error, but a summary may be shown elsewhere.
 */
static void note_lost_rows(struct notices *notices, const char *path, int err)
{
	const size_t n = notices->n;
	struct run_notice notice;
	char *line;

	if (asprintf(&line, "rows of this run in '%s': %s", path, strerror(-err)) < 0) {
		notices->failed = true;
		return;
	}
	add_notice(notices, REPORT_LOSS, line);
	free(line);
	if (notices->n == n)
		return;
	notice = notices->items[n];
	memmove(notices->items + 1, notices->items, n * sizeof(*notices->items));
	notices->items[0] = notice;
	notices->n_logged++;
}

/* In the order of the plugin table: each output may list the files of those before it. */
static int end_outputs(struct stages *stages, struct run_end *end)
{
	const char **paths = calloc(stages->n_outputs + 1, sizeof(*paths));
	int err, result = paths ? 0 : -ENOMEM;

	end->paths = paths;
	end->n_paths = 0;
	end->figures = pipeline_figures(stages->pipeline, &end->n_figures);
	for (size_t i = 0; i < stages->n_outputs; i++) {
		struct output *output = stages->outputs[i];

		end->notices = stages->notices.items;
		end->n_notices = stages->notices.n;
		result = pipeline_end_output(stages->pipeline, output, end);
		err = pipeline_output_error(stages->pipeline, output);
		if (output->path && err)
			note_lost_rows(&stages->notices, output->path, err);
		else if (output->path && paths)
			paths[end->n_paths++] = output->path;
		if (output->ops->report)
			output->ops->report(output, add_notice, &stages->notices);
	}
	free(paths);
	return result;
}

int stages_end(struct stages *stages, struct run_end *end)
{
	int result = pipeline_finish(stages->pipeline), end_result;

	report_stages(stages);
	write_notices(stages);
	pipeline_flush(stages->pipeline);
	/* Flushed alone: rows flushed together are sorted by time. */
	if (run_rows_push_end(&stages->rows, end, stages->run.watched != NULL))
		stages->notices.failed = true;
	pipeline_flush(stages->pipeline);
	end_result = end_outputs(stages, end);
	result = result ? result : end_result;
	if (!notices_are_shown(stages))
		log_notices(&stages->notices);
	if (stages->notices.failed)
		log_error("out of memory: not all that the plugins reported is shown");
	for (size_t i = 0; i < stages->n_sources; i++) {
		if (stages->sources[i].failed && !result)
			result = -EIO;
	}
	return result;
}
