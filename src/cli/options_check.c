/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/options_check.h"

#include <errno.h>
#include <string.h>

#include "cli/options_help.h"
#include "core/log.h"
#include "core/parallel_task.h"
#include "report/report.h"

/* Longer than the name of any format. */
#define FORMAT_SIZE 32

/* What to write instead of an option that another sub-command has. */
static const char *instead(enum action action, int code)
{
	if (action == ACTION_CONFIG_REGEN)
		return ": it writes the defaults";
	if (FOR(action) & (FOR(ACTION_EXEC) | FOR(ACTION_WATCH)) && code == OPTION_FORMAT)
		return "; a report after the run is made by --report";
	if (action == ACTION_REPORT && code == OPTION_REPORT)
		return "; the format is chosen by --format";
	if (action == ACTION_REPORT && code == OPTION_SUMMARY)
		return "; -v shows all lines, and --format selects json or markdown";
	if (action == ACTION_EXEC && code == OPTION_FOR)
		return "; write: alumet-agent exec timeout 10 COMMAND";
	return "";
}

/* Refuse options that the sub-command does not have; log those accepted without effect. */
static int check_given(enum action action, const bool *given)
{
	for (size_t i = 0; option_table[i].name; i++) {
		if (!given[i])
			continue;
		if (!(option_table[i].actions & FOR(action)))
			return log_errno(-EINVAL, "%s has no option --%s%s", action_name(action),
			                 option_table[i].name,
			                 instead(action, option_table[i].code));
		if (option_table[i].code == OPTION_ACCEPTED)
			log_warn("--%s has no effect in this program", option_table[i].name);
	}
	return 0;
}

/* The file of "name:file" if the name is a report's format, which is no output; else NULL. */
static const char *file_of_report(const char *output, char format[static FORMAT_SIZE])
{
	const size_t n = strcspn(output, ":");

	if (!output[n] || n >= FORMAT_SIZE)
		return NULL;
	memcpy(format, output, n);
	format[n] = '\0';
	return report_has_format(format) ? output + n + 1 : NULL;
}

/* Outputs of rows and of reports have their formats in different options. */
static int check_output(enum action action, const char *output)
{
	const bool is_of_rows = action == ACTION_EXEC || action == ACTION_WATCH;
	char format[FORMAT_SIZE];
	const char *file = file_of_report(output, format), *suffix;

	if (file && !is_of_rows)
		return log_errno(-EINVAL, "-o %s: write --format=%s -o %s", output, format, file);
	if (file)
		return log_errno(-EINVAL,
		                 "-o %s: %s is the format of a report; after the run, one is made "
		                 "by --report=%s\n"
		                 "for a CSV file of that name write -o ./%s",
		                 output, format, format, output);
	if (is_of_rows && strncmp(output, "summary:", 8) == 0)
		return log_errno(-EINVAL,
		                 "-o %s: the summary's file is named by --summary=short:%s\n"
		                 "for a CSV file of that name write -o ./%s",
		                 output, output + 8, output);
	suffix = is_of_rows ? report_format_of(output) : NULL;
	if (suffix && strcmp(suffix, "text") != 0)
		log_warn("-o %s: the rows are written as CSV, whatever the name\n"
		         "after the run, a report is made by --report=%s",
		         output, suffix);
	return 0;
}

static int check_watch(const struct options *options)
{
	const bool has_processes = options->n_pids || options->n_comms;
	const bool has_cgroups = options->n_cgroups || options->n_containers;
	const bool has_some = has_processes || has_cgroups;

	if (has_processes && has_cgroups)
		return log_errno(
			-EINVAL,
			"watch: name either processes or cgroups, not both: a cgroup's process "
			"is watched until it leaves the cgroup, a named one until it ends\n"
			"start an agent for each");

	if (options->all && has_some)
		return log_errno(-EINVAL,
		                 "watch: --all watches every process; leave out the other targets");
	if (!options->all && !has_some)
		return log_errno(-EINVAL,
		                 "watch: no target is named; write for example: "
		                 "alumet-agent watch 1234, watch --comm nginx, or watch --all");
	return 0;
}

static int check_command(const struct options *options)
{
	const char *name = options->command[0];

	if (!name)
		return log_errno(-EINVAL, "exec: the command is missing; write for example: "
		                          "alumet-agent exec make -j8");
	/* --profile takes its argument only after "=". */
	if (options->profile && *name && !name[strspn(name, "0123456789")])
		return log_errno(-EINVAL,
		                 "exec: the command is '%s'; if that is the argument of --profile, "
		                 "write --profile=%s",
		                 name, name);
	return 0;
}

static int check_rest(struct options *options, char **rest)
{
	if (options->action == ACTION_EXEC) {
		options->command = rest;
		return check_command(options);
	}
	return rest[0] ? log_errno(-EINVAL, "%s: unexpected argument '%s'",
	                           action_name(options->action), rest[0])
	               : 0;
}

static int check_compare(const struct options *options)
{
	if (options->n_files == 2)
		return 0;
	return log_errno(
		-EINVAL,
		"compare: two arguments are needed: alumet-agent compare BASE NEW; several "
		"files of one side as a quoted pattern: 'base-*.csv'");
}

static int check_send(const struct options *options)
{
	if (options->to && options->n_files)
		return 0;
	return log_errno(-EINVAL,
	                 "send: %s missing; write for example: alumet-agent send "
	                 "--to 'influx+http://localhost:8086/write?db=alumet' run.csv",
	                 options->to ? "the files are" : "--to URL is");
}

static void set_log_level(const struct options *options)
{
	static const enum log_level levels[] = {LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG};
	const int verbosity = options->verbosity;

	log_set_level(levels[verbosity < -1 ? 0 : verbosity > 2 ? 3 : verbosity + 1]);
	/* Warnings concern the machine and the options, so one task per node logs them. */
	if (options->action == ACTION_EXEC && verbosity == 0 && !parallel_task_is_first_of_node())
		log_set_level(LOG_ERROR);
}

int options_check(struct options *options, const bool *given, char **rest)
{
	int err;

	set_log_level(options);
	err = check_given(options->action, given);
	if (!err)
		err = check_rest(options, rest);
	for (size_t i = 0; i < options->n_outputs && !err; i++)
		err = check_output(options->action, options->outputs[i]);
	if (!err && options->action == ACTION_COMPARE)
		err = check_compare(options);
	if (!err && options->action == ACTION_SEND)
		err = check_send(options);
	if (!err && options->action == ACTION_WATCH)
		err = check_watch(options);
	if (options->verbosity < 0 && !options->summary)
		options->summary = "none";
	if (options->verbosity < 0 && !options->progress)
		options->progress = "never";
	return err;
}
