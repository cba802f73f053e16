/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Programs and ranks of ended processes, for children whose first record comes later: a forked
 * process runs its parent's program, and has no record until it ends or is polled. Only the last
 * processes are kept, so that memory does not grow with the run.
 */
#ifndef SOURCES_PERF_ANCESTRY_H
#define SOURCES_PERF_ANCESTRY_H

#include <stddef.h>
#include <stdint.h>

#include "alumet/point.h"
#include "bpf/record.h"

/*
 * Large enough for the children of a shell to find it after a while in a busy build, and small
 * enough that searching all takes less time than making the child's rows.
 */
#define ANCESTRY_SIZE 512

struct ancestor {
	struct process_id id;
	uint64_t exec_ns; /* its last exec; 0: none */
	char *exe;        /* owned; NULL: an empty place */
	char rank[RANK_SIZE]; /* in a parallel job; "": none */
};

/* Zeroed: empty. */
struct ancestry {
	struct ancestor ended[ANCESTRY_SIZE]; /* a ring */
	size_t next;
};

/*
 * Add an ended process. Takes ownership of exe; NULL, an unknown program, is not kept. rank:
 * RANK_SIZE bytes.
 */
void ancestry_add(struct ancestry *ancestry, struct process_id id, uint64_t exec_ns, char *exe,
                  const char *rank);

/*
 * Returns NULL if the process is not among the last that ended. Valid until the next
 * ancestry_add().
 */
const struct ancestor *ancestry_find(const struct ancestry *ancestry, struct process_id id);

void ancestry_fini(struct ancestry *ancestry);

#endif
