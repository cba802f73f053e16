/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One run of the command. */
#ifndef RUN_RUN_ONCE_H
#define RUN_RUN_ONCE_H

#include "run/run.h"

/*
 * A run's place in its series. Each run opens sources and outputs anew, as if it were the only one;
 * the outputs continue the files of the previous run.
 */
struct turn {
	uint32_t number;    /* from 1; 0: not measured */
	uint32_t of;        /* how many runs there are */
	bool is_last;       /* no later run needs the agent's capabilities */
	char **paths;       /* of each output in previous runs, NULL: it has none; owned */
	size_t n_paths;     /* 0: there was no previous run */
	int fifo;           /* keeps a FIFO's reader from seeing EOF between runs; -1: none */
	bool started;       /* output: the command could be started */
	uint32_t n_started; /* how many were started so far; the caller's */
	bool ends_series;   /* output: further runs are useless or unwanted */
};

/* Returns the same as run_command(), for this run. */
int run_once(const struct run_request *request, const struct config *config,
             const struct inherited *inherited, struct turn *turn);

#endif
