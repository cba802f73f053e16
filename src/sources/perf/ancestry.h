/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The programs of processes that have ended, for children that are first heard of afterwards: a
 * forked process runs its parent's program, and tells nothing of itself before its own end or a
 * look at the living. Only the last ones are kept, so memory does not grow with the run.
 */
#ifndef PERF_ANCESTRY_H
#define PERF_ANCESTRY_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/record.h"

/*
 * So many that a shell's children still find it after a while of a busy build, and so few that
 * looking through all of them takes less time than making the child's rows.
 */
#define ANCESTRY_SIZE 512

struct ancestor {
	struct process_id id;
	uint64_t exec_ns; /* last exec of it; 0: none */
	char *exe;        /* owned; NULL: an empty place */
};

/* All zero is an empty one. */
struct ancestry {
	struct ancestor ended[ANCESTRY_SIZE]; /* a ring */
	size_t next;
};

/* The process has ended. Takes exe over; NULL, a program that is not known, is not kept. */
void ancestry_add(struct ancestry *ancestry, struct process_id id, uint64_t exec_ns, char *exe);

/* NULL when the process is not among the last that ended. Valid until the next ancestry_add(). */
const struct ancestor *ancestry_find(const struct ancestry *ancestry, struct process_id id);

void ancestry_fini(struct ancestry *ancestry);

#endif
