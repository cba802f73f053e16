/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The tree of processes that the summary draws, folded while it grows: a process that ended is
 * added to a sibling with the same label, its children to that sibling's children. A run of 100 000
 * processes has a tree of as many nodes as it has different places for them.
 *
 * Reports come when processes end, children mostly before their parents, so a parent is first a
 * node without a place ("pending"), known by its key.
 */
#ifndef AGENT_TREE_H
#define AGENT_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "outputs/summary/summary_keys.h"
#include "alumet/life.h"

/* Counters kept for each node; a screen has no room for more. */
#define TREE_COUNTERS_MAX 6

/* Different nodes kept; processes beyond go into one node labelled TREE_OTHERS. */
#define TREE_NODES_MAX 8192
#define TREE_OTHERS "(others)"

/* One counter of a process; without a value when the event never ran. */
struct process_counter {
	bool has_value;
	uint64_t value; /* scaled when the event was multiplexed */
};

/* A life, reduced to what a tree is drawn from. */
struct process_report {
	struct process_key key;
	struct process_key parent; /* at creation; pid 0 when it is not of the traced tree */
	bool is_root;              /* the traced command itself */
	bool ended;                /* false: it outlived the run */
	bool executed;             /* it called execve at least once */
	int wait_status;           /* as waitpid() gives it; meaningless unless ended */
	uint64_t begin_ns;         /* CLOCK_MONOTONIC: first counted */
	const char *comm;          /* at its end; any bytes, NUL-terminated */
	const char *exe;           /* path as given to execve; "" when not known */
	uint64_t cpu_ns;           /* CPU time of all its threads */
	uint32_t threads;          /* that it ever had, counted */
	size_t n_counters;
	const struct process_counter *counters;
};

/* The sum of one counter over the processes of a node. */
struct tree_counter {
	bool has_value;  /* some process had one */
	bool is_partial; /* some process had none: the true sum is larger */
	uint64_t value;
};

struct tree_node {
	struct tree_node *parent;
	struct tree_node *children; /* after tree_settle(): by the time they began */
	struct tree_node *next;     /* sibling */
	struct tree_node **link;    /* what points to this node among its siblings */
	struct tree_node *next_in_bucket;
	char *label; /* any bytes; NULL while pending */
	uint32_t label_hash;
	bool is_root;
	struct key_list keys;
	uint64_t processes; /* folded into this node */
	uint64_t failed;    /* of those: ended by a signal or with an exit code that is not 0 */
	uint64_t running;   /* of those: outlived the run */
	int failed_status;  /* wait status of the last that failed */
	uint64_t cpu_ns;
	uint64_t first_ns; /* when the first of them began, CLOCK_MONOTONIC */
	struct tree_counter counters[];
};

struct tree;

/* An empty tree whose reports have n_counters counters; NULL when memory ran out. */
struct tree *tree_new(size_t n_counters);
void tree_free(struct tree *tree);

/* Enter one process. Returns 0 or -ENOMEM. */
int tree_add(struct tree *tree, const struct process_report *report);

/*
 * After the last report: give every node a place, those whose parent was never reported at the
 * top, and sort siblings by the time they began, the root before all.
 */
void tree_settle(struct tree *tree);

/* The list of the nodes at the top, to be walked with ->next; NULL when there are none. */
const struct tree_node *tree_first(const struct tree *tree);

/* Counters that each node has: those of tree_new(), TREE_COUNTERS_MAX at most. */
size_t tree_n_counters(const struct tree *tree);

/* Nodes that exist, for a bound on their number. */
size_t tree_n_nodes(const struct tree *tree);

#endif
