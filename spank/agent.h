/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The agent as a process beside slurmstepd: start it, wait until it watches, end it. Errors go to
 * Slurm's log.
 */
#ifndef SPANK_AGENT_H
#define SPANK_AGENT_H

#include <stdbool.h>
#include <sys/types.h>

/* slurmstepd has many plugins: only what it looks for is exported. */
#pragma GCC visibility push(hidden)

struct agent {
	int alive;    /* the end of a pipe, closed by the agent's end; -1: none was started */
	int messages; /* its standard error: a file in memory; -1: none */
	pid_t pid;
};

#define AGENT_NONE                                                                                 \
	{                                                                                          \
		.alive = -1, .messages = -1                                                        \
	}

/*
 * Start the agent and wait until it watches its tasks, for a few seconds at most. Returns whether
 * it does; if not, it has ended, and the reason has been logged.
 */
bool agent_start(struct agent *agent, char *const *argv, char *const *environment);

/* Wait until the agent has ended. One that does not end by itself is asked to. */
void agent_finish(struct agent *agent);

#pragma GCC visibility pop

#endif
