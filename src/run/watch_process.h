/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which processes can be watched, and why others cannot. */
#ifndef RUN_WATCH_PROCESS_H
#define RUN_WATCH_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

/* Whether the process is this agent or an ancestor of it. */
bool watch_process_is_ancestor(uint32_t pid);

/* Whether the user may observe the process. */
bool watch_process_is_allowed(uint32_t pid);

/* Log why there is no process with this pid, and what to type instead. Returns -ESRCH. */
int watch_process_missing(uint32_t pid);

/* Returns 0, or a negative errno after logging why the process cannot be watched. */
int watch_process_check(uint32_t pid);

#endif
