/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The few processes with the highest cost, out of any number: a heap of bounded size. */
#ifndef TREE_RANKING_H
#define TREE_RANKING_H

#include <stddef.h>
#include <stdint.h>

#include "alumet/life.h"
#include "tree/label.h"

#define RANKED_COMMAND_SIZE 1024

/* A remembered process. */
struct ranked {
	double cost;
	uint64_t order; /* of addition: at equal cost, the earlier one ranks higher */
	struct process_key key;
	uint32_t number; /* among the lives of its pid */
	uint64_t wall_ns;
	int wait_status;
	bool ended, status_hidden, oom_killed;
	struct label label;
	char command[RANKED_COMMAND_SIZE]; /* label_command_line() */
	struct life_value *values;         /* as many as the schema has fields */
};

struct ranking {
	size_t n, max, n_values;
	uint64_t entered;
	struct ranked **entries; /* a heap, lowest cost first; after ranking_sort() highest first */
};

/* Remembers at most max processes of n_values values each. Returns 0 or -ENOMEM. */
int ranking_init(struct ranking *ranking, size_t max, size_t n_values);
void ranking_fini(struct ranking *ranking);

/* Add a process, unless it costs nothing. Returns 0 or -ENOMEM. */
int ranking_add(struct ranking *ranking, const struct life *life, double cost);

/* Sort by decreasing cost. Nothing can be added afterwards. */
void ranking_sort(struct ranking *ranking);

#endif
