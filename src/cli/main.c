/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/command.h"
#include "calibrate/calibrate.h"
#include "config/config.h"
#include "doctor/doctor.h"
#include "cli/options.h"
#include "cli/options_config.h"
#include "cli/plugins_list.h"
#include "run/run.h"
#include "core/exit_status.h"
#include "core/log.h"
#include "report/report.h"
#include "compare/compare.h"
#include "linux/privilege.h"
#include "linux/user.h"

static void set_log_level(int verbosity)
{
	static const enum log_level levels[] = {LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG};

	log_set_level(levels[verbosity < -1 ? 0 : verbosity > 2 ? 3 : verbosity + 1]);
}

/* The configuration is read with the rights of the user that the command is run as. */
static int load_config(const struct config_request *request, const struct user *user,
                       struct config *config)
{
	struct user_before before;
	int err = user_begin(user, &before);

	if (err)
		return err;
	err = config_load(request, config);
	user_end(user, &before);
	return err;
}

/* What --summary means for several runs. */
static const char *series_format(const char *summary)
{
	if (!summary || strcmp(summary, "short") == 0 || strcmp(summary, "full") == 0)
		return "text";
	return strcmp(summary, "none") == 0 ? NULL : summary;
}

static int exec_command(const struct options *options, const struct config_request *request,
                        struct inherited *inherited)
{
	const struct run_request run = {
		.command = options->command,
		.ignore_exit_code = options->ignore_exit_code,
		.wait_tree = options->wait_tree,
		.report = options->report,
		.repeat = options->repeat ? options->repeat : 1,
		.warmup = options->warmup,
		.series_path = options->summary_path,
		.series = series_format(options->summary),
	};
	struct config config = {0};
	struct user user = {0};
	int status = EXIT_AGENT;

	if (options->user) {
		if (user_find(options->user, &user) || inherited_set_user(inherited, &user))
			goto out;
	}
	if (!load_config(request, inherited->user, &config))
		status = run_command(&run, &config, inherited);
	config_free(&config);
out:
	user_free(&user);
	return status;
}

/* Where exec writes when neither an option nor the configuration names a file. */
#define DEFAULT_OUTPUT "alumet-output.csv"

/* Exit status 0, or EXIT_AGENT after an error that was logged. */
static int make_report(const struct options *options)
{
	static const char *const default_paths[] = {DEFAULT_OUTPUT};
	const struct report_options report = {
		.paths = options->n_files ? options->files : default_paths,
		.n_paths = options->n_files ? options->n_files : 1,
		.format = options->format,
		.output = options->n_outputs ? options->outputs[options->n_outputs - 1] : NULL,
		.trust_others = options->trust_others,
		.by = options->by,
	};

	if (!options->n_files && access(DEFAULT_OUTPUT, F_OK) != 0) {
		log_error("there is no " DEFAULT_OUTPUT
		          " here, which exec writes when no file is named\n"
		          "name a file (alumet-agent report run.csv), or measure first "
		          "(alumet-agent exec --report=html make)");
		return EXIT_AGENT;
	}
	return report_make(&report) ? EXIT_AGENT : EXIT_SUCCESS;
}

/* Exit status 1: a limit is exceeded. */
static int compare(const struct options *options)
{
	const struct compare_options request = {
		.base = options->files[0],
		.changed = options->files[1],
		.format = options->format,
		.limits = options->fail_above,
		.output = options->n_outputs ? options->outputs[options->n_outputs - 1] : NULL,
		.trust_others = options->trust_others,
	};
	const int result = compare_make(&request);

	if (result == -EINVAL)
		return EXIT_USAGE;
	return result < 0 ? EXIT_AGENT : result;
}

static int act(const struct options *options, struct inherited *inherited)
{
	struct config_request request;
	int status = EXIT_AGENT;

	if (options_config_request(options, &request))
		return EXIT_AGENT;
	if (config_check(&request)) {
		options_config_request_free(&request);
		return EXIT_USAGE;
	}
	switch (options->action) {
	case ACTION_EXEC:
		status = exec_command(options, &request, inherited);
		break;
	case ACTION_CONFIG_REGEN:
		status = config_regen(&request) ? EXIT_AGENT : EXIT_SUCCESS;
		break;
	case ACTION_PLUGINS_LIST:
		status = options->names_only ? plugins_list_names() : plugins_list(&request);
		break;
	case ACTION_REPORT:
		status = make_report(options);
		break;
	case ACTION_COMPARE:
		status = compare(options);
		break;
	case ACTION_CALIBRATE:
		status = calibrate(&request);
		break;
	case ACTION_DOCTOR:
		status = doctor(&request, options->json);
		break;
	}
	options_config_request_free(&request);
	return status;
}

static int parse_and_act(int argc, char **argv, struct inherited *inherited)
{
	struct options options;
	int status, parsed;

	parsed = options_parse(argc, argv, &options);
	if (parsed > 0) {
		status = parsed - 1;
	} else if (parsed) {
		status = parsed == -ENOMEM ? EXIT_AGENT : EXIT_USAGE;
	} else {
		set_log_level(options.verbosity);
		status = act(&options, inherited);
	}
	options_free(&options);
	return status;
}

/*
 * Started without standard input, output or error, the agent would have the next files that it opens
 * there, and read, write or hand on those. What takes the place can neither be read nor written, as
 * before, and for the command it is closed, as before.
 */
static void occupy_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/", O_PATH | O_CLOEXEC);
	while (fd >= 0 && fd < STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

int main(int argc, char **argv)
{
	struct inherited inherited;
	int status;

	occupy_standard_descriptors();
	if (privilege_begin())
		return EXIT_AGENT;
	inherited_save(&inherited, argv);
	status = parse_and_act(argc, argv, &inherited);
	inherited_free(&inherited);
	return status;
}
