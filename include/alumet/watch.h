/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The targets of a watch, which were not started by the run: the sources follow them and their
 * descendants.
 */
#ifndef ALUMET_WATCH_H
#define ALUMET_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct watch_cgroup {
	uint64_t id;      /* inode number of its directory */
	const char *path; /* below the root of its hierarchy */
};

struct watch {
	bool all;             /* all tasks of the machine; then there are no processes */
	const uint32_t *pids; /* processes, whom nobody else can replace: see run/watch_targets.h */
	size_t n_pids;
	const uint64_t *start_ticks; /* of each: its start time in /proc/PID/stat; 0: unknown */
	/* Including their descendants; then there are no processes. */
	const struct watch_cgroup *cgroups;
	size_t n_cgroups;
	int32_t hierarchy; /* of the cgroups, as in /proc/cgroups; 0: cgroup v2 */
};

#endif
