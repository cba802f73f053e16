/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "outputs/csv/csv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "core/text.h"
#include "outputs/csv/csv_rows.h"
#include "outputs/file/csv_scan.h"
#include "outputs/file/output_file.h"
#include "core/output_path.h"
#include "core/parallel_task.h"

/* Rows are written once this many bytes are pending: large writes, little memory. */
#define WRITE_SIZE ((size_t)128 * 1024)

struct csv {
	struct output base;
	const struct csv_settings *settings;
	struct csv_rows rows;
	struct output_file file;
	bool has_header;     /* the file already has one */
	bool continues;      /* the previous run of the series has written the header */
	bool kept_old;       /* the previous run's file was kept under another name */
	struct text pending; /* not yet written: whole rows, except that the first may be partial */
};

#define FIELD(name) offsetof(struct csv_settings, name)

/* All tasks of a parallel job would write to it: output_path_of_task() adds job and rank. */
#define DEFAULT_PATH "alumet-output.csv"

static const struct setting_values path_values = {.problem = output_path_problem};
static const struct setting_values delimiter_values = {.problem = csv_delimiter_problem};
static const struct setting_values late_values = {.problem = csv_late_delimiter_problem};

static const struct setting csv_settings[] = {
	{"output_path", SETTING_STRING, FIELD(output_path), "\"" DEFAULT_PATH "\"", &path_values,
         "The file. %h is the host's name, %p the agent's pid, %t the start time in UTC "
         "(20241231T235959Z), %j the job, %s the step and %r the rank of a task of Slurm, Open MPI "
         "or PMI, %n its node, %% a percent sign."},
	{"force_flush", SETTING_BOOL, FIELD(force_flush), "true", NULL,
         "Write rows to the file at each flush, not only when the buffer is full."},
	{"append_unit_to_metric_name", SETTING_BOOL, FIELD(append_unit_to_metric_name), "true",
         NULL,
         "Append the unit: rapl_consumed_energy_J instead of rapl_consumed_energy."},
	{"use_unit_display_name", SETTING_BOOL, FIELD(use_unit_display_name), "true", NULL,
         "Write units by their symbol (B) instead of their UCUM code (By)."},
	{"csv_delimiter", SETTING_STRING, FIELD(csv_delimiter), "\";\"", &delimiter_values,
         "The character between two cells."},
	{"csv_late_delimiter", SETTING_STRING, FIELD(csv_late_delimiter), "\",\"", &late_values,
         "The character between two attributes in the last cell."},
	{"attributes_as_columns", SETTING_BOOL, FIELD(attributes_as_columns), "false", NULL,
         "A column for each attribute that is known at the start."},
	{"append", SETTING_BOOL, FIELD(append), "false", NULL,
         "Append to a file with the same columns instead of replacing it."},
	{.key = NULL},
};

/* Write what is pending. The rest stays pending if the run must do something else first. */
static int hand_out(struct csv *csv)
{
	ssize_t written =
		output_file_write(&csv->file, csv->pending.data, csv->pending.n, csv_whole_rows);
	size_t rest = written < 0 ? 0 : csv->pending.n - (size_t)written;

	if (rest > 0) {
		memmove(csv->pending.data, csv->pending.data + written, rest);
		csv->pending.n = rest;
		return 0;
	}
	text_clear(&csv->pending, 2 * WRITE_SIZE);
	return written < 0 ? (int)written : 0;
}

/*
 * In a series, and when appending to rows of other runs, each row has the run's number; the numbers
 * continue those in the file.
 */
static int number_run(struct csv *csv, const struct run_info *run)
{
	uint32_t number = run && run->repeats > 1 ? run->number : 0;
	uint32_t before = 0;
	int err = 0;

	if (run && csv->file.append)
		err = csv_last_run(&csv->file, csv->pending.n, csv->rows.delimiter,
		                   csv->rows.late_delimiter, &before);
	if (before && before >= number)
		number = before + 1;
	if (number)
		csv_rows_set_run(&csv->rows, number);
	return err;
}

/*
 * Check before the command starts that an existing file to append to has the same header, and that
 * a newly created file has room for it.
 */
static int prepare_header(struct csv *csv, const struct run_info *run)
{
	int result = 0;

	csv_rows_add_header(&csv->rows, &csv->pending);
	if (csv->pending.failed) {
		log_error("out of memory for the CSV output");
		return -ENOMEM;
	}
	result = number_run(csv, run);
	if (result < 0)
		return result;
	if (csv->continues) {
		csv->pending.n = 0;
		return 0;
	}
	if (csv->file.append)
		result = csv_check_append(&csv->file, csv->pending.data, csv->pending.n,
		                          csv->rows.delimiter);
	if (result < 0)
		return result;
	if (result == 1)
		csv->pending.n = 0;
	return csv->file.created ? hand_out(csv) : 0;
}

static void csv_close(struct output *output)
{
	struct csv *csv = (struct csv *)output;

	/* The run ended early: keep what it measured. */
	if (csv->file.begun && csv->file.fd >= 0)
		hand_out(csv);
	output_file_close(&csv->file);
	csv_rows_fini(&csv->rows);
	text_fini(&csv->pending);
	free(csv);
}

static int expand_path(const char *pattern, char **path)
{
	if (strcmp(pattern, DEFAULT_PATH) == 0)
		return output_path_of_task(pattern, path);
	return output_path_expand_here(pattern, path);
}

/* Placeholders, such as %t, may differ between the runs of a series. */
static int make_path(const struct csv *csv, const struct output_context *context, char **path)
{
	if (!context->continues)
		return expand_path(csv->settings->output_path, path);
	*path = strdup(context->continues);
	if (*path)
		return 0;
	log_error("out of memory for the CSV output");
	return -ENOMEM;
}

static int csv_open(const void *settings, const struct output_context *context,
                    struct output **output)
{
	struct csv *csv = calloc(1, sizeof(*csv));
	char *path = NULL;
	int result;

	if (!csv) {
		log_error("out of memory for the CSV output");
		return -ENOMEM;
	}
	csv->base.ops = &csv_output;
	csv->settings = settings;
	output_file_init(&csv->file);
	result = csv_rows_init(&csv->rows, settings, context->metrics);
	csv->continues = context->continues != NULL;
	if (result == 0)
		result = make_path(csv, context, &path);
	if (result == 0)
		result = output_file_open(&csv->file, path, csv->settings->append || csv->continues,
		                          context);
	if (result == 0)
		result = prepare_header(csv, context->run);
	free(path);
	if (result < 0) {
		csv_close(&csv->base);
		return result;
	}
	csv->base.path = csv->file.path;
	*output = &csv->base;
	return 0;
}

static int csv_begin(struct output *output, const struct life_schema *schema)
{
	struct csv *csv = (struct csv *)output;
	int result;

	/*
	 * A default name, or one shared by all steps of a job: the next run must not destroy the
	 * rows of this one.
	 */
	if (strcmp(csv->settings->output_path, DEFAULT_PATH) == 0 || parallel_task_is_one())
		csv->kept_old = output_file_keep_old(&csv->file) > 0;
	result = output_file_begin(&csv->file);

	return result < 0 ? result : hand_out(csv);
}

static int csv_write(struct output *output, const struct point *points, size_t n)
{
	struct csv *csv = (struct csv *)output;
	int result = 0;

	for (size_t i = 0; i < n && result == 0; i++) {
		result = csv_rows_add(&csv->rows, &csv->pending, &points[i]);
		if (result < 0)
			log_error("out of memory: rows of '%s' are lost", csv->file.path);
		else if (csv->pending.n >= WRITE_SIZE)
			result = hand_out(csv);
	}
	if (result == 0 && csv->settings->force_flush)
		result = hand_out(csv);
	return result;
}

static int csv_end(struct output *output, const struct run_end *end)
{
	struct csv *csv = (struct csv *)output;
	int written;

	do
		written = hand_out(csv);
	while (written == 0 && csv->pending.n > 0);
	return written < 0 ? written : output_file_finish(&csv->file);
}

static void csv_report(struct output *output,
                       void (*say)(void *data, enum report_kind kind, const char *line), void *data)
{
	struct csv *csv = (struct csv *)output;
	char *line;

	if (!csv->kept_old ||
	    asprintf(&line, "the rows of the run before are kept in %s.old", csv->file.path) < 0)
		return;
	say(data, REPORT_NOTE, line);
	free(line);
}

const struct output_ops csv_output = {
	.open = csv_open,
	.begin = csv_begin,
	.write = csv_write,
	.end = csv_end,
	.report = csv_report,
	.close = csv_close,
};

const struct plugin csv_plugin = {
	.kind = PLUGIN_OUTPUT,
	.name = "csv",
	.help = "a CSV file, as Alumet writes it",
	.settings = csv_settings,
	.settings_size = sizeof(struct csv_settings),
	.def = PLUGIN_ON,
	.role = "-o",
	.output = &csv_output,
};
