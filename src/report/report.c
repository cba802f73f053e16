/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "linux/new_file.h"
#include "report/formats.h"
#include "report/paths.h"
#include "report/read.h"

#define WRITE_SIZE ((size_t)256 * 1024)

#define SUFFIXES(...) ((const char *const[]){__VA_ARGS__, NULL})

const struct report_format report_formats[] = {
	{"text", "the summary of the run", SUFFIXES(".txt"), false, report_write_text},
	{"markdown", "the summary for a CI job's page", SUFFIXES(".md"), false,
         report_write_markdown},
	{"html", "a page for the browser", SUFFIXES(".html", ".htm"), true, report_write_html},
	{"firefox", "a profile for profiler.firefox.com", SUFFIXES(".firefox.json"), true,
         report_write_firefox},
	{"json", "everything that was read", SUFFIXES(".json"), false, report_write_json},
	{"openmetrics", "sums for a store of metrics, or a CI job", SUFFIXES(".om", ".prom"), false,
         report_write_openmetrics},
	{"folded", "stacks of commands for flamegraph.pl, inferno, speedscope", SUFFIXES(".folded"),
         false, report_write_folded},
	{"perfetto", "a trace for ui.perfetto.dev",
         SUFFIXES(".perfetto", ".pftrace", ".perfetto-trace"), true, report_write_perfetto},
	{"pprof", "a profile for go tool pprof", SUFFIXES(".pb.gz", ".pprof"), true,
         report_write_pprof},
	{.name = NULL},
};

const char *report_format_names(void)
{
	return "text, html, markdown, json, openmetrics, folded, perfetto, firefox, pprof";
}

void report_each_format(void (*visit)(void *data, const char *name, const char *what), void *data)
{
	for (const struct report_format *format = report_formats; format->name; format++)
		visit(data, format->name, format->help);
}

static const struct report_format *find_format(const char *name)
{
	for (const struct report_format *format = report_formats; format->name; format++) {
		if (strcmp(format->name, name) == 0)
			return format;
	}
	return NULL;
}

int report_has_format(const char *name)
{
	return find_format(name) != NULL;
}

const char *report_suffix(const char *format)
{
	const struct report_format *found = find_format(format);

	return found ? found->suffixes[0] : "";
}

static bool ends_with(const char *text, const char *suffix)
{
	const size_t n = strlen(text), length = strlen(suffix);

	return n > length && strcmp(text + n - length, suffix) == 0;
}

/* ".pdf" of "dir.d/run.pdf"; NULL: the file's name has no suffix. */
static const char *suffix_of(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');

	return dot && dot > name && dot[1] ? dot : NULL;
}

static const struct report_format *format_of(const char *path)
{
	for (const struct report_format *format = report_formats; format->name; format++) {
		for (const char *const *suffix = format->suffixes; *suffix; suffix++) {
			if (ends_with(path, *suffix))
				return format;
		}
	}
	return NULL;
}

const char *report_format_of(const char *path)
{
	const struct report_format *found = format_of(path);

	return found ? found->name : NULL;
}

/* Returns NULL after logging that there is no such format. */
static const struct report_format *choose_format(const struct report_options *options)
{
	const struct report_format *found = options->format ? find_format(options->format) : NULL;
	const char *ending = options->output ? suffix_of(options->output) : NULL;

	if (options->format && !found)
		log_error("no report can be written as '%s'; it can be %s", options->format,
		          report_format_names());
	if (options->format)
		return found;
	found = options->output ? format_of(options->output) : NULL;
	if (found)
		return found;
	if (ending)
		log_error("'%s': no format of a report has the suffix '%s'\n"
		          "choose one by --format: %s",
		          options->output, ending, report_format_names());
	return ending ? NULL : &report_formats[0];
}

static int write_report(const struct report_format *format, struct report_data *data,
                        const struct report_options *options)
{
	struct new_file file;
	int err = new_file_open(&file, options->output, options->trust_others);

	if (err)
		return err;
	setvbuf(file.stream, NULL, _IOFBF, WRITE_SIZE);
	return new_file_close(&file, format->write(data, options, file.stream));
}

int report_make(const struct report_options *options)
{
	const struct report_format *format = choose_format(options);
	struct report_data data = {.n_runs = 0};
	struct report_paths paths = {.n = 0};
	struct report_measure measure;
	int err = 0;

	if (!format)
		return -EINVAL;
	if (format->is_for_programs && !options->output && isatty(STDOUT_FILENO)) {
		log_error("%s is not for a terminal; name a file: -o report%s", format->name,
		          format->suffixes[0]);
		return -EINVAL;
	}
	for (size_t i = 0; i < options->n_paths && !err; i++)
		err = report_paths_add(&paths, options->paths[i]);
	if (!err)
		err = report_paths_drop_repeated(&paths, 0);
	if (!err)
		err = report_paths_check_output(&paths, options->output);
	if (!err)
		err = report_read((const char *const *)paths.paths, paths.n, &data);
	for (size_t i = 0; i < data.n_notes && !err; i++)
		log_warn("%s", data.notes[i]);
	/* Also where the format has all costs, a wrong name is an error. */
	if (!err && options->by)
		err = report_measure_find(&data, options->by, &measure);
	if (!err)
		err = write_report(format, &data, options);
	report_data_fini(&data);
	report_paths_fini(&paths);
	return err;
}
