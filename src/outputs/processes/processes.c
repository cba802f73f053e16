/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "outputs/processes/processes.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "core/output_path.h"
#include "core/parallel_task.h"
#include "core/text.h"
#include "outputs/file/csv_delimiter.h"
#include "outputs/file/csv_scan.h"
#include "outputs/file/output_file.h"
#include "outputs/processes/process_columns.h"

/* Rows are written once this many bytes are pending. */
#define WRITE_SIZE ((size_t)128 * 1024)

/* Each task of a parallel job has its own file. */
#define DEFAULT_PATH "alumet-processes.csv"

struct processes {
	struct output base; /* first: what the pipeline knows */
	const struct processes_settings *settings;
	struct process_columns columns;
	struct output_file file;
	struct text pending;
	bool continues; /* the previous run of the series has written the header */
};

#define FIELD(name) offsetof(struct processes_settings, name)

static const struct setting_values path_values = {.problem = output_path_problem};
static const struct setting_values delimiter_values = {.problem = csv_delimiter_problem};

static const struct setting settings_table[] = {
	{"output_path", SETTING_STRING, FIELD(output_path), "\"" DEFAULT_PATH "\"", &path_values,
         "The file; %h and the like as in [plugins.csv]."},
	{"csv_delimiter", SETTING_STRING, FIELD(csv_delimiter), "\";\"", &delimiter_values,
         "The character between two cells."},
	{"append", SETTING_BOOL, FIELD(append), "false", NULL,
         "Append to a file with the same columns instead of replacing it."},
	{.key = NULL},
};

static int hand_out(struct processes *processes)
{
	struct text *pending = &processes->pending;
	ssize_t written;

	if (pending->n == 0)
		return 0;
	written = output_file_write(&processes->file, pending->data, pending->n, csv_whole_rows);
	if (written > 0 && (size_t)written < pending->n) {
		memmove(pending->data, pending->data + written, pending->n - (size_t)written);
		pending->n -= (size_t)written;
	} else if (written != 0) {
		text_clear(pending, 2 * WRITE_SIZE);
	}
	return written < 0 ? (int)written : 0;
}

/* Check before the command starts that a file to append to has the same columns. */
static int prepare_header(struct processes *processes)
{
	struct text *pending = &processes->pending;
	int has_header = processes->continues;

	process_columns_add_header(&processes->columns, pending);
	if (pending->failed)
		return log_oom();
	if (!processes->continues && processes->file.append)
		has_header = csv_check_append(&processes->file, pending->data, pending->n,
		                              processes->columns.delimiter);
	if (has_header)
		pending->n = 0;
	return has_header < 0 ? has_header : 0;
}

static int make_path(const char *pattern, const struct output_context *context, char **path)
{
	if (context->continues) {
		*path = strdup(context->continues);
		return *path ? 0 : log_oom();
	}
	return strcmp(pattern, DEFAULT_PATH) == 0 ? output_path_of_task(pattern, path)
	                                          : output_path_expand_here(pattern, path);
}

static void close_processes(struct output *output)
{
	struct processes *processes = (struct processes *)output;

	/* The run ended early: keep what it measured. */
	if (processes->file.begun && processes->file.fd >= 0)
		hand_out(processes);
	output_file_close(&processes->file);
	process_columns_fini(&processes->columns);
	text_fini(&processes->pending);
	free(processes);
}

static int set_up(struct processes *processes, const struct output_context *context)
{
	static const struct life_schema no_schema;
	static const struct run_info no_run = {.id = ""};
	const struct processes_settings *settings = processes->settings;
	char *path = NULL;
	int err;

	processes->continues = context->continues != NULL;
	err = process_columns_init(
		&processes->columns, context->schema ? context->schema : &no_schema,
		context->run && context->run->id ? context->run : &no_run, settings->csv_delimiter);
	if (!err)
		err = make_path(settings->output_path, context, &path);
	if (!err)
		err = output_file_open(&processes->file, path,
		                       settings->append || processes->continues, context);
	if (!err)
		err = prepare_header(processes);
	free(path);
	return err;
}

static int open_processes(const void *settings, const struct output_context *context,
                          struct output **output)
{
	struct processes *processes = calloc(1, sizeof(*processes));
	int err;

	if (!processes)
		return log_oom();
	processes->base.ops = processes_plugin.output;
	processes->settings = settings;
	output_file_init(&processes->file);
	err = set_up(processes, context);
	if (err) {
		close_processes(&processes->base);
		return err;
	}
	processes->base.path = processes->file.path;
	*output = &processes->base;
	return 0;
}

static int begin_processes(struct output *output, const struct life_schema *schema)
{
	struct processes *processes = (struct processes *)output;
	int err;

	/* As in csv.c: a default name must not destroy the rows of the previous run. */
	if (strcmp(processes->settings->output_path, DEFAULT_PATH) == 0 || parallel_task_is_one())
		output_file_keep_old(&processes->file);
	err = output_file_begin(&processes->file);
	return err ? err : hand_out(processes);
}

/* A flush: write pending rows to the file, too. */
static int write_processes(struct output *output, const struct point *points, size_t n)
{
	return hand_out((struct processes *)output);
}

static int take_life(struct output *output, const struct life *life)
{
	struct processes *processes = (struct processes *)output;
	struct text *pending = &processes->pending;
	const size_t before = pending->n;

	process_columns_add(&processes->columns, pending, life);
	if (pending->failed) {
		pending->failed = false;
		pending->n = before;
		return log_errno(-ENOMEM, "out of memory: rows of '%s' are lost",
		                 processes->file.path);
	}
	return pending->n >= WRITE_SIZE ? hand_out(processes) : 0;
}

static int end_processes(struct output *output, const struct run_end *end)
{
	struct processes *processes = (struct processes *)output;
	int err = 0;

	while (!err && processes->pending.n > 0)
		err = hand_out(processes);
	return err ? err : output_file_finish(&processes->file);
}

static const struct output_ops ops = {
	.open = open_processes,
	.begin = begin_processes,
	.write = write_processes,
	.life = take_life,
	.end = end_processes,
	.close = close_processes,
};

const struct plugin processes_plugin = {
	.kind = PLUGIN_OUTPUT,
	.name = "processes",
	.help = "a CSV file with one row for each process, for stores",
	.settings = settings_table,
	.settings_size = sizeof(struct processes_settings),
	.def = PLUGIN_OFF,
	.role = "-o",
	.output = &ops,
};
