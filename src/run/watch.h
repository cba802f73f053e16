/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* watch: a run that measures what is already running, instead of starting a command. */
#ifndef RUN_WATCH_H
#define RUN_WATCH_H

#include "config/config.h"
#include "run/watch_targets.h"

struct watch_run {
	struct watch_request request;
	char *const *argv;  /* as on the command line: "watch", "1234", NULL */
	const char *report; /* --report: format of the report made afterwards; NULL: none */
};

/*
 * Measure until everything watched has ended, the time is over, or a signal asks for the end.
 * Returns the agent's exit status: 0; EXIT_AGENT if the run could not start or its output is
 * incomplete; EXIT_USAGE if a word is not a pid.
 */
int watch_run(const struct watch_run *watch, const struct config *config);

#endif
