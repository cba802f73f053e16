/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One run: everything made ready, the command started and measured, the results written. */
#ifndef AGENT_RUN_H
#define AGENT_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "run/command.h"
#include "config/config.h"

/* What the command line says about the run beside the configuration. */
struct run_request {
	char **command;        /* its argv, NULL-terminated */
	bool ignore_exit_code; /* the agent's exit status says only whether the agent itself failed */
	const char *report;    /* --report: what to make of the run afterwards; NULL: nothing */
	uint32_t repeat;       /* how many runs are measured, 1 at least */
	uint32_t warmup;       /* how many before them are not measured */
	const char *series;    /* "text", "json", "markdown": the summary of several; NULL: none */
	const char *series_path; /* the file that it goes to; NULL: stderr */
	bool wait_tree;          /* go on until the last descendant of the command has ended */
};

/*
 * Run the command of the request as the configuration says. Returns the exit status for the agent:
 * the command's own, 128 + n when signal n ended it, 126 or 127 when it could not be executed,
 * EXIT_AGENT when the run could not start or its output is not whole. Of several runs the first that
 * has failed tells.
 */
int run_command(const struct run_request *request, const struct config *config,
                const struct inherited *inherited);

#endif
