/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One run of the command. */
#ifndef AGENT_RUN_ONCE_H
#define AGENT_RUN_ONCE_H

#include "run/run.h"

/*
 * A run's place in its series. Each run opens sources and outputs anew, so that it is measured as if
 * it were the only one; the outputs go on in the files of the run before.
 */
struct turn {
	uint32_t number;    /* from 1; 0: it is not measured */
	uint32_t of;        /* how many there are */
	bool is_last;       /* the agent needs its capabilities no longer than for this one */
	char **paths;       /* of each output in the runs before, NULL for one without; owned */
	size_t n_paths;     /* 0: there was no run before */
	int fifo;           /* keeps a FIFO's reader from seeing an end between runs; -1: none */
	bool started;       /* after it: the command could be started */
	uint32_t n_started; /* of those before and of this one; the caller's */
	bool ends_series;   /* after it: no further run makes sense, or none is wanted */
};

/* Returns as run_command() does, of this run. */
int run_once(const struct run_request *request, const struct config *config,
             const struct inherited *inherited, struct turn *turn);

#endif
