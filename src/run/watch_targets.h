/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Finds the targets of a watch among the running processes. A pidfd is opened when a process is
 * looked up, so that another process that reuses its pid is not mistaken for it.
 */
#ifndef RUN_WATCH_TARGETS_H
#define RUN_WATCH_TARGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alumet/watch.h"

/* As given on the command line; pointers are not owned. */
struct watch_request {
	bool all;
	const char *const *pids; /* words that should be pids */
	size_t n_pids;
	const char *const *comms; /* names of processes */
	size_t n_comms;
	const char *const *cgroups; /* paths */
	size_t n_cgroups;
	const char *const *containers; /* ids or names */
	size_t n_containers;
	uint64_t for_ns; /* duration; 0: until everything has ended */
};

struct watch_targets {
	struct watch watch; /* its pids are those of pidfds */
	size_t n;
	uint32_t *pids;
	int *pidfds;
	uint64_t *start_ticks;        /* with the pid, identifies the process */
	struct watch_cgroup *cgroups; /* paths are owned */
	size_t n_cgroups;
	char *names; /* for the user: "nginx (1234)" */
};

/*
 * Find every target and open a pidfd for it. Returns 0; -EINVAL if a word is not a pid; or another
 * negative errno. Errors are logged with the target, the cause, and what to do. Call
 * watch_targets_close() in any case.
 */
int watch_targets_open(const struct watch_request *request, struct watch_targets *targets);
void watch_targets_close(struct watch_targets *targets);

/* How many of the processes are alive; always 0 if no process was named. */
size_t watch_targets_alive(const struct watch_targets *targets);

#endif
