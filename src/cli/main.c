/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/command.h"
#include "calibrate/calibrate.h"
#include "config/config.h"
#include "doctor/doctor.h"
#include "cli/complete.h"
#include "cli/last_output.h"
#include "cli/options.h"
#include "cli/options_config.h"
#include "cli/plugins_list.h"
#include "run/run.h"
#include "run/watch.h"
#include "core/exit_status.h"
#include "core/log.h"
#include "report/report.h"
#include "compare/compare.h"
#include "send/send.h"
#include "linux/privilege.h"
#include "linux/same_file.h"
#include "linux/user.h"

/* result: 0, 1, or a negative errno: -EINVAL is of the command line, -EBADMSG of a file. */
static int status_of(int result)
{
	if (result == -EINVAL)
		return EXIT_USAGE;
	return result < 0 ? EXIT_AGENT : result;
}

/* The configuration is read with the privileges of the user that the command runs as. */
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

/* The format of a series summary that corresponds to the summary's mode. */
static const char *series_format(const char *mode)
{
	if (!mode || strcmp(mode, "none") == 0)
		return NULL;
	return strcmp(mode, "short") == 0 || strcmp(mode, "full") == 0 ? "text" : mode;
}

static void choose_series(const struct config *config, struct run_request *run)
{
	const char *path = config_setting_text(config, "--summary", "output_path");

	run->series = series_format(config_setting_text(config, "--summary", "mode"));
	run->series_path = path && *path ? path : NULL;
}

static int exec_command(const struct options *options, const struct config_request *request,
                        struct inherited *inherited)
{
	struct run_request run = {
		.command = options->command,
		.ignore_exit_code = options->ignore_exit_code,
		.wait_tree = options->wait_tree,
		.report = options->report,
		.repeat = options->repeat ? options->repeat : 1,
		.warmup = options->warmup,
	};
	struct config config = {0};
	struct user user = {0};
	int status = EXIT_AGENT, err;

	if (options->user) {
		if (user_find(options->user, &user) || inherited_set_user(inherited, &user))
			goto out;
	}
	err = load_config(request, inherited->user, &config);
	status = status_of(err);
	if (!err) {
		choose_series(&config, &run);
		status = run_command(&run, &config, inherited);
	}
	config_free(&config);
out:
	user_free(&user);
	return status;
}

/* The command line of the watch without other options, for the summary and run_info. */
static char **watch_argv(const struct options *options)
{
	const struct {
		const char *option;
		const char *const *words;
		size_t n;
	} lists[] = {
		{"--comm", options->comms, options->n_comms},
		{"--cgroup", options->cgroups, options->n_cgroups},
		{"--container", options->containers, options->n_containers},
	};
	char **argv = calloc(
		options->n_pids +
			2 * (options->n_comms + options->n_cgroups + options->n_containers) + 3,
		sizeof(*argv));
	size_t n = 0;

	if (!argv)
		return NULL;
	argv[n++] = (char *)"watch";
	if (options->all)
		argv[n++] = (char *)"--all";
	for (size_t list = 0; list < sizeof(lists) / sizeof(lists[0]); list++) {
		for (size_t i = 0; i < lists[list].n; i++) {
			argv[n++] = (char *)lists[list].option;
			argv[n++] = (char *)lists[list].words[i];
		}
	}
	for (size_t i = 0; i < options->n_pids; i++)
		argv[n++] = (char *)options->pids[i];
	return argv;
}

static int watch(const struct options *options, const struct config_request *request)
{
	char **argv = watch_argv(options);
	const struct watch_run run = {
		.request =
			{
				.all = options->all,
				.pids = options->pids,
				.n_pids = options->n_pids,
				.comms = options->comms,
				.n_comms = options->n_comms,
				.cgroups = options->cgroups,
				.n_cgroups = options->n_cgroups,
				.containers = options->containers,
				.n_containers = options->n_containers,
				.for_ns = options->for_ns,
			},
		.argv = argv,
		.report = options->report,
	};
	struct config config = {0};
	int err = argv ? load_config(request, NULL, &config) : log_oom();
	int status = err ? status_of(err) : watch_run(&run, &config);

	config_free(&config);
	free(argv);
	return status;
}

/* The output of a report or comparison; NULL: none. */
static const char *output_of(const struct options *options)
{
	return options->n_outputs ? options->outputs[options->n_outputs - 1] : NULL;
}

/* The next run would read the report as its configuration, and the settings would be lost. */
static int check_output(const struct options *options, const struct config_request *request)
{
	const char *output = output_of(options);

	if (!output || !request->path || access(request->path, F_OK) != 0 ||
	    !same_file(request->path, output))
		return 0;
	return log_errno(-EINVAL,
	                 "cannot write '%s': the configuration is read from that file\n"
	                 "choose another file with -o",
	                 output);
}

static int make_report(const struct options *options, const struct config_request *request)
{
	char *last = NULL;
	const char *one;
	struct report_options report = {
		.paths = options->files,
		.n_paths = options->n_files,
		.format = options->format,
		.output = output_of(options),
		.trust_others = options->trust_others,
		.by = options->by,
		.color = options->color,
	};
	int err;

	if (check_output(options, request))
		return EXIT_USAGE;
	if (!report.n_paths) {
		if (last_output_find(request, &last))
			return EXIT_AGENT;
		one = last;
		report.paths = &one;
		report.n_paths = 1;
	}
	err = report_make(&report);
	free(last);
	return status_of(err);
}

static int compare(const struct options *options, const struct config_request *config_request)
{
	const struct compare_options request = {
		.base = options->files[0],
		.changed = options->files[1],
		.format = options->format,
		.limits = options->fail_above,
		.output = output_of(options),
		.trust_others = options->trust_others,
	};

	if (check_output(options, config_request))
		return EXIT_USAGE;
	return status_of(compare_make(&request));
}

static int send_to_store(const struct options *options)
{
	const struct send_options request = {
		.files = options->files,
		.n_files = options->n_files,
		.to = options->to,
		.token_file = options->token_file,
		.per_process = options->per_process,
		.dry_run = options->dry_run,
	};

	return status_of(send_files(&request));
}

static int act(const struct options *options, struct inherited *inherited)
{
	struct config_request request;
	int status = EXIT_AGENT, err;

	if (options_config_request(options, &request))
		return EXIT_AGENT;
	/* A limit on file sizes is an error, then. The others block the signal. */
	if (options->action != ACTION_EXEC && options->action != ACTION_WATCH)
		signal(SIGXFSZ, SIG_IGN);
	err = config_check(&request);
	if (err) {
		options_config_request_free(&request);
		return status_of(err);
	}
	switch (options->action) {
	case ACTION_EXEC:
		status = exec_command(options, &request, inherited);
		break;
	case ACTION_WATCH:
		status = watch(options, &request);
		break;
	case ACTION_CONFIG_REGEN:
		status = config_regen(&request) ? EXIT_AGENT : EXIT_SUCCESS;
		break;
	case ACTION_PLUGINS_LIST:
		status = plugins_list(&request);
		break;
	case ACTION_REPORT:
		status = make_report(options, &request);
		break;
	case ACTION_COMPARE:
		status = compare(options, &request);
		break;
	case ACTION_SEND:
		status = send_to_store(options);
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

	if (argc > 1 && strcmp(argv[1], "--complete") == 0)
		return complete(&argv[2]);
	parsed = options_parse(argc, argv, &options);
	if (parsed > 0) {
		status = parsed - 1;
	} else if (parsed) {
		status = parsed == -ENOMEM ? EXIT_AGENT : EXIT_USAGE;
	} else {
		status = act(&options, inherited);
	}
	options_free(&options);
	return status;
}

/*
 * If the agent is started without standard input, output or error, the next file it opens would get
 * that number and be read, written or inherited by mistake. An O_PATH file descriptor takes its
 * place: it can be neither read nor written, and is closed at the command's exec.
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
