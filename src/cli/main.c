/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "run/command.h"
#include "config/config.h"
#include "doctor/doctor.h"
#include "cli/options.h"
#include "cli/plugins_list.h"
#include "run/run.h"
#include "core/log.h"
#include "report/report.h"
#include "linux/privilege.h"
#include "linux/user.h"

static void set_log_level(int verbosity)
{
	static const enum log_level levels[] = {LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG};

	log_set_level(levels[verbosity < -1 ? 0 : verbosity > 2 ? 3 : verbosity + 1]);
}

/* The configuration is read with the rights of the user that the command is run as. */
static int load_config(const struct options *options, const struct user *user,
                       struct config *config)
{
	struct user_before before;
	int err = user_begin(user, &before);

	if (err)
		return err;
	err = config_load(options, config);
	user_end(user, &before);
	return err;
}

static int exec_command(const struct options *options, struct inherited *inherited)
{
	struct config config = {0};
	struct user user = {0};
	int status = EXIT_AGENT;

	if (options->user) {
		if (user_find(options->user, &user) || inherited_set_user(inherited, &user))
			goto out;
	}
	if (!load_config(options, inherited->user, &config))
		status = run_command(options, &config, inherited);
	config_free(&config);
out:
	user_free(&user);
	return status;
}

/* Exit status 0, or EXIT_AGENT after an error that was logged. */
static int make_report(const struct options *options)
{
	static const char *const default_paths[] = {"alumet-output.csv"};
	const struct report_options report = {
		.paths = options->n_files ? options->files : default_paths,
		.n_paths = options->n_files ? options->n_files : 1,
		.format = options->format,
		.output = options->output_file,
		.trust_others = options->trust_others,
		.by = options->by,
	};

	return report_make(&report) ? EXIT_AGENT : EXIT_SUCCESS;
}

static int act(int argc, char **argv, struct inherited *inherited)
{
	struct options options;
	int status = EXIT_AGENT;
	int parsed;

	parsed = options_parse(argc, argv, &options);
	if (parsed) {
		options_free(&options);
		if (parsed > 0)
			return parsed - 1;
		return parsed == -ENOMEM ? EXIT_AGENT : EXIT_USAGE;
	}
	set_log_level(options.verbosity);
	switch (options.action) {
	case ACTION_EXEC:
		status = exec_command(&options, inherited);
		break;
	case ACTION_CONFIG_REGEN:
		status = config_regen(&options) ? EXIT_AGENT : EXIT_SUCCESS;
		break;
	case ACTION_PLUGINS_LIST:
		status = plugins_list(&options);
		break;
	case ACTION_REPORT:
		status = make_report(&options);
		break;
	case ACTION_DOCTOR:
		status = doctor(&options);
		break;
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
	status = act(argc, argv, &inherited);
	inherited_free(&inherited);
	return status;
}
