/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A command run several times, or once. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run/run_once.h"
#include "run/run_report.h"
#include "core/exit_status.h"
#include "core/log.h"

/* The same configuration with every plugin off, so that only the command runs. */
static int without_plugins(const struct config *config, struct config *off)
{
	*off = *config;
	off->plugins = calloc(config->n + 1, sizeof(*off->plugins));
	if (!off->plugins)
		return log_oom();
	memcpy(off->plugins, config->plugins, config->n * sizeof(*off->plugins));
	for (size_t i = 0; i < off->n; i++)
		off->plugins[i].enabled = false;
	return 0;
}

/* Returns 0, or the exit status if the series ends before its first measured run. */
static int warm_up(const struct run_request *request, const struct config *config,
                   const struct inherited *inherited)
{
	struct config off;
	int status = 0;

	if (without_plugins(config, &off))
		return EXIT_AGENT;
	for (uint32_t i = 0; i < request->warmup; i++) {
		struct turn turn = {.fifo = -1};

		status = run_once(request, &off, inherited, &turn);
		if (turn.ends_series) {
			status = status ? status : EXIT_AGENT;
			break;
		}
		status = 0; /* a failure recurs, and is logged, in the measured runs */
	}
	free(off.plugins);
	return status;
}

static const char *first_path(const struct turn *turn)
{
	for (size_t i = 0; i < turn->n_paths; i++) {
		if (turn->paths[i])
			return turn->paths[i];
	}
	return NULL;
}

/* Returns the exit status of the first run that failed. */
static int run_all(const struct run_request *request, const struct config *config,
                   const struct inherited *inherited, struct turn *turn)
{
	int result = 0;

	for (uint32_t i = 1; i <= request->repeat; i++) {
		const bool is_quiet = i > 1 && !log_is_shown(LOG_INFO) && log_is_shown(LOG_WARN);
		int status;

		/* Warnings of the first run hold for all runs; losses are errors then. */
		if (is_quiet)
			log_set_level(LOG_ERROR);
		turn->number = i;
		turn->is_last = i == request->repeat;
		status = run_once(request, config, inherited, turn);
		turn->n_started += turn->started;
		if (is_quiet)
			log_set_level(LOG_WARN);
		result = result ? result : status;
		if (turn->ends_series) {
			if (turn->started && i < request->repeat)
				log_warn("the series ends with run %u of %u; what was measured is "
				         "kept",
				         i, request->repeat);
			break;
		}
	}
	return result;
}

int run_command(const struct run_request *request, const struct config *config,
                const struct inherited *inherited)
{
	struct turn turn = {.of = request->repeat, .fifo = -1};
	int status;

	if (request->repeat > 1 && run_series_check(inherited->user, request, config->trust_others))
		return EXIT_AGENT;
	status = warm_up(request, config, inherited);
	if (status)
		return status;
	status = run_all(request, config, inherited, &turn);
	if (turn.n_started && request->repeat > 1) {
		int err = 0;

		if (request->series)
			err = run_series_as(inherited->user, first_path(&turn), turn.n_started,
			                    request, config->trust_others);
		if (request->report && run_report_as(inherited->user, first_path(&turn),
		                                     request->report, config->trust_others))
			err = -EIO;
		if (err && status == 0)
			status = EXIT_AGENT;
	}
	for (size_t i = 0; i < turn.n_paths; i++)
		free(turn.paths[i]);
	free(turn.paths);
	if (turn.fifo >= 0)
		close(turn.fifo);
	return status;
}
