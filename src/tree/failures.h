/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Failed processes, grouped by command and by how they ended; the number of groups is bounded. */
#ifndef TREE_FAILURES_H
#define TREE_FAILURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alumet/life.h"
#include "tree/label.h"

#define FAILURES_MAX 64
#define FAILURE_TEXT_SIZE 64
#define STATUS_UNKNOWN "exit status unknown" /* of a life that has status_hidden */
#define FAILED_PARENTS_MAX 128 /* remembered, to distinguish a failure from those that it caused */

/* Processes of one command that ended in the same way. */
struct failure {
	int wait_status;
	bool oom_killed;
	uint64_t processes;
	uint64_t last_ns;   /* when the last of them ended */
	uint32_t pid;       /* of the last */
	struct label label; /* of the last */
	bool is_mixed;      /* their arguments differ */
	bool is_cause;      /* at least one of them had no child that failed before */
	int order;          /* set by failures_sort() */
};

/* The parent of a process that failed. */
struct failed_parent {
	struct process_key key;
	bool by_pipe; /* the child was ended by SIGPIPE */
};

struct failures {
	size_t n;
	struct failure *groups;                         /* FAILURES_MAX of them */
	uint64_t processes;                             /* that failed */
	uint64_t ungrouped;                             /* of those, not in any group */
	bool passed_pipe_on;                            /* somebody exited for a SIGPIPE */
	struct failed_parent parents[FAILED_PARENTS_MAX]; /* of the last that failed; a ring */
};

/* Add a process, whether it failed or not. Returns 0 or -ENOMEM. */
int failures_add(struct failures *failures, const struct life *life);
void failures_fini(struct failures *failures);

/*
 * Order: first killed processes; then those without a child that failed before, so that the
 * compiler precedes its driver, the shell and make; then the rarest failures (a script may retry a
 * hundred times); then the one that ended last. SIGPIPE comes after all others: it ends a process
 * that writes into a pipe without readers, mostly on purpose ("yes | head"). It is a failure like
 * others only if a shell or so exited with that status ("set -o pipefail").
 */
void failures_sort(struct failures *failures);

/* Whether a process is known to have ended by a signal or with an exit status other than 0. */
bool life_failed(const struct life *life);

/*
 * "exit 3", "SIGSEGV, core dumped", "SIGKILL, out of memory" for a wait status that is not 0; ""
 * for 0.
 */
void failure_describe(int wait_status, bool oom_killed, char text[static FAILURE_TEXT_SIZE]);

#endif
