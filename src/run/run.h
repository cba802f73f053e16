/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One run: prepare everything, start and measure the command, write the results. */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "run/command.h"
#include "config/config.h"

/* What the command line requests, besides the configuration. */
struct run_request {
	char **command;        /* its argv, NULL-terminated */
	bool ignore_exit_code; /* the agent's exit status is not the command's */
	const char *report;    /* --report: format of the report made afterwards; NULL: none */
	uint32_t repeat;       /* number of measured runs, at least 1 */
	uint32_t warmup;       /* number of unmeasured runs before them */
	const char *series;    /* "text", "json", "markdown": summary of a series; NULL: none */
	const char *series_path; /* the file for it; NULL: stderr */
	bool wait_tree;          /* continue until the command's last descendant has ended */
};

/*
 * Run the requested command with the configuration. Returns the agent's exit status: the command's
 * own, 128 + n if signal n killed it, 126 or 127 if it could not be executed, EXIT_AGENT if the run
 * could not start or its output is incomplete. For several runs, the status of the first that
 * failed.
 */
int run_command(const struct run_request *request, const struct config *config,
                const struct inherited *inherited);

#endif
