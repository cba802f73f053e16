/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One run: everything made ready, the command started and measured, the results written. */
#ifndef AGENT_RUN_H
#define AGENT_RUN_H

#include "run/command.h"
#include "config/config.h"
#include "cli/options.h"

/*
 * Run the command of the options as the configuration says. Returns the exit status for the agent:
 * the command's own, 128 + n when signal n ended it, 126 or 127 when it could not be executed,
 * EXIT_AGENT when the run could not start or its output is not whole.
 */
int run_command(const struct options *options, const struct config *config,
                const struct inherited *inherited);

#endif
