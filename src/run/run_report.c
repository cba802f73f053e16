/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "run/run_report.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.h"
#include "core/printable.h"
#include "core/write_whole.h"
#include "linux/descriptors.h"
#include "linux/new_file.h"
#include "linux/same_file.h"
#include "linux/trust.h"
#include "core/output_path.h"
#include "compare/compare.h"
#include "report/report.h"

/* The file of the report: "run.csv" and ".html" make "run.html". The caller frees it. */
static int make_path(const char *path, const char *format, char **to)
{
	const size_t n = strlen(path);
	const size_t stem = n > 4 && strcmp(path + n - 4, ".csv") == 0 ? n - 4 : n;

	if (asprintf(to, "%.*s%s", (int)stem, path, report_suffix(format)) < 0)
		return log_oom();
	return 0;
}

/* Shown with the summary. */
static void print_path(const char *path)
{
	struct printable printable;

	printable_init(&printable);
	fputs("report: ", stderr);
	printable_print(&printable, path, strlen(path), stderr);
	fputc('\n', stderr);
	printable_fini(&printable);
}

/* Whether the rows can be read from it: behind a descriptor, the command may write, too. */
static bool is_file(const char *path)
{
	struct stat status;

	return descriptors_named(path) < 0 && stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static int check_rows(const char *path)
{
	if (path && is_file(path))
		return 0;
	return log_errno(-EINVAL, "--report: %s%s, so there are no rows to read",
	                 path ? path : "no output",
	                 path ? " is not a file of its own" : " writes a file");
}

/* After the run: a full disk may have left no row. The output has logged the error. */
static int check_not_empty(const char *what, const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0 || status.st_size > 0)
		return 0;
	return log_errno(-EIO, "no %s: there are no rows in '%s'", what, path);
}

/* The file that the summary is written to, which the caller frees; NULL: none. */
static int summary_path(const struct config *config, char **path)
{
	const char *pattern = config_setting_text(config, "--summary", "output_path");

	*path = NULL;
	return pattern && *pattern ? output_path_expand_here(pattern, path) : 0;
}

/*
 * What is written after the run must not replace what the run writes or has read. Outputs check
 * this among themselves when they open their files.
 */
static int check_replaces_nothing(const char *option, const char *to, const struct stages *stages,
                                  const struct config *config)
{
	for (size_t i = 0; i < stages->n_outputs; i++) {
		const char *path = stages->outputs[i]->path;

		if (path && same_file(path, to))
			return log_errno(-EINVAL,
			                 "%s: cannot write to '%s': an output of this run writes "
			                 "that file\n"
			                 "choose another name for one of them",
			                 option, to);
	}
	if (config->path && access(config->path, F_OK) == 0 && same_file(config->path, to))
		return log_errno(-EINVAL,
		                 "%s: cannot write to '%s': the configuration is read from that "
		                 "file",
		                 option, to);
	return 0;
}

static int check_not_summary(const char *to, const struct config *config)
{
	char *summary;
	int err = summary_path(config, &summary);

	if (!err && summary && same_file(summary, to))
		err = log_errno(-EINVAL,
		                "--report: cannot write to '%s': --summary writes that file\n"
		                "choose another name for one of them",
		                to);
	free(summary);
	return err;
}

static int check_writable_as(const struct user *user, const char *to, bool trust_others)
{
	struct user_before before;
	int err = user_begin(user, &before);

	if (err)
		return err;
	err = trust_check(to, trust_others);
	user_end(user, &before);
	return err;
}

static int check_report(const char *to, const struct stages *stages, const struct config *config)
{
	int err = trust_check(to, config->trust_others);

	if (!err)
		err = check_replaces_nothing("--report", to, stages, config);
	return err ? err : check_not_summary(to, config);
}

int run_report_check(const struct user *user, const struct stages *stages,
                     const struct config *config, const char *format)
{
	const char *path = stages_first_path(stages);
	struct user_before before;
	char *to = NULL;
	int err = check_rows(path);

	if (!err)
		err = make_path(path, format, &to);
	if (!err)
		err = user_begin(user, &before);
	if (!err) {
		err = check_report(to, stages, config);
		user_end(user, &before);
	}
	free(to);
	return err;
}

int run_report(const char *path, const char *format, bool trust_others)
{
	struct report_options options = {
		.paths = &path, .n_paths = 1, .format = format, .trust_others = trust_others};
	char *to;
	int err = check_rows(path);

	if (!err)
		err = check_not_empty("report", path);
	if (!err)
		err = make_path(path, format, &to);
	if (err)
		return err;
	options.output = to;
	err = report_make(&options);
	if (!err && log_is_shown(LOG_WARN))
		print_path(to);
	free(to);
	return err;
}

/* Writes all of it, even if the command has set stderr to O_NONBLOCK. */
static int show_series(const char *path, size_t n_runs, const char *format)
{
	char *bytes = NULL;
	size_t n = 0;
	FILE *memory = open_memstream(&bytes, &n);
	int err = memory ? compare_series(path, n_runs, format, memory) : -ENOMEM;

	if (memory && fclose(memory) != 0 && !err)
		err = -ENOMEM;
	if (!err)
		err = write_whole(STDERR_FILENO, bytes, n);
	free(bytes);
	return err;
}

static int write_series(const char *path, size_t n_runs, const struct run_request *request,
                        bool trust_others)
{
	struct new_file file;
	char *to = NULL;
	int err = check_not_empty("summary of the series", path);

	if (err)
		return err;
	if (!request->series_path)
		return show_series(path, n_runs, request->series);
	err = output_path_expand_here(request->series_path, &to);
	if (!err)
		err = new_file_open(&file, to, trust_others);
	if (!err)
		err = new_file_close(&file,
		                     compare_series(path, n_runs, request->series, file.stream));
	free(to);
	return err;
}

int run_series_as(const struct user *user, const char *path, size_t n_runs,
                  const struct run_request *request, bool trust_others)
{
	struct user_before before;
	int err;

	if (!path || !is_file(path)) {
		log_warn("no summary of the series: %s%s, so there are no rows to read",
		         path ? path : "no output",
		         path ? " is not a file of its own" : " wrote a file");
		return 0;
	}
	if (user_begin(user, &before))
		return -EPERM;
	err = write_series(path, n_runs, request, trust_others);
	user_end(user, &before);
	return err;
}

int run_series_check(const struct user *user, const struct run_request *request, bool trust_others)
{
	char *to;
	int err;

	if (!request->series || !request->series_path)
		return 0;
	err = output_path_expand_here(request->series_path, &to);
	if (err)
		return err;
	err = check_writable_as(user, to, trust_others);
	free(to);
	return err;
}

int run_series_check_files(const struct user *user, const struct stages *stages,
                           const struct config *config, const char *series_path)
{
	struct user_before before;
	char *to;
	int err = output_path_expand_here(series_path, &to);

	if (err)
		return err;
	err = user_begin(user, &before);
	if (!err) {
		err = check_replaces_nothing("--summary", to, stages, config);
		user_end(user, &before);
	}
	free(to);
	return err;
}

int run_report_as(const struct user *user, const char *path, const char *format, bool trust_others)
{
	struct user_before before;
	int err;

	if (user_begin(user, &before))
		return -EPERM;
	err = run_report(path, format, trust_others);
	user_end(user, &before);
	return err;
}
