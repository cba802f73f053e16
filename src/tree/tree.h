/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The tree of processes, folded while it grows: a process is added to a similar sibling, and its
 * children to that sibling's children. Siblings are similar if they have the same label: the same
 * command with the same characteristic arguments (tree/label.h). A command with more than
 * TREE_VARIANTS_MAX different arguments below one parent becomes one node, which remembers its
 * costliest process. So a run of 100 000 processes has only as many nodes as there are different
 * places in its tree, TREE_NODES_MAX at most.
 *
 * Lives arrive when processes end, mostly children before their parents, so a parent is first a
 * node without a place ("pending"), known by its key. Beside the tree, bounded lists keep the
 * processes that cost most, that waited most, and that failed.
 */
#ifndef TREE_TREE_H
#define TREE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alumet/life.h"
#include "tree/failures.h"
#include "tree/keys.h"
#include "tree/ranking.h"

/* Nodes at most; further processes go into one node labelled TREE_OTHERS. */
#define TREE_NODES_MAX 4096
#define TREE_OTHERS "(others)"

/* Children of one node with the same command and different characteristic arguments, at most. */
#define TREE_VARIANTS_MAX 16

/* Processes in each list beside the tree. */
#define TREE_COSTLIEST_MAX 10
#define TREE_WAITED_MAX 3

/* Sorts the tree by wall time, in place of the index of a field of the schema. */
#define TREE_BY_WALL (-1)

/* A field of the schema folded over the processes of a node. */
struct tree_value {
	union {
		uint64_t u64;
		double f64;
	};
	double estimated; /* by how much the value may be wrong; 0: it is counted */
	uint8_t type;     /* enum value_type; VALUE_NONE: no process had one */
	bool is_partial;  /* some process had none: the true sum is larger */
};

struct tree_node {
	struct tree_node *parent;
	struct tree_node *children; /* after tree_settle(): by inclusive cost, the largest first */
	struct tree_node *next;     /* sibling */
	struct tree_node **link;    /* the pointer to this node among its siblings */
	struct tree_node *next_in_bucket;
	char *name;   /* of the command; any bytes; NULL while pending */
	char *detail; /* its characteristic arguments, "" for none; see tree/label.h */
	uint32_t name_hash;
	bool is_root;
	bool is_group; /* not a process, but a group of those below it: a host, a rank */
	bool is_mixed; /* of processes with different arguments: detail is the costliest one's */
	struct key_list keys;
	double most;        /* own cost of its costliest process */
	uint64_t processes; /* folded into this node */
	uint64_t failed;    /* of those: ended by a signal or with an exit status that is not 0 */
	uint64_t running;   /* of those: outlived the run */
	uint64_t unknown;   /* of those: ended, but how is not known */
	int failed_status;  /* wait status of the last that failed */
	bool oom_killed;    /* the OOM killer killed the last that failed */
	/* From the first start to the last end, CLOCK_MONOTONIC. */
	uint64_t begin_ns, end_ns;
	bool has_sum;          /* inclusive has the values of a child */
	double own_cost, cost; /* after tree_settle(): of the node; of the node and all below it */
	/* One for each field of the schema: own, and after tree_settle() with all below. */
	struct tree_value *own, *inclusive;
};

struct tree_totals {
	uint64_t processes, threads, failed, running;
	uint64_t unknown; /* ended, but how is not known */
};

struct tree;

/*
 * Set *by to the field for --by=NAME: "cpu", "energy", "rss" or a field's own name; or to
 * TREE_BY_WALL for "wall". NULL means energy if the schema has it, else CPU time. Returns 0, or
 * -ENOENT if the schema has no such field.
 */
int tree_criterion(const struct life_schema *schema, const char *name, int *by);

/*
 * Create an empty tree, sorted by that cost. Returns NULL if out of memory. The schema must outlive
 * it.
 */
struct tree *tree_new(const struct life_schema *schema, int by);
void tree_free(struct tree *tree);

/* Add a process; what is needed of the life is copied. Returns 0 or -ENOMEM. */
int tree_add(struct tree *tree, const struct life *life);

/* A parent of processes that is not a process itself: a host, a rank of a job. */
struct tree_group {
	struct process_key key;    /* of no process */
	struct process_key parent; /* pid 0: it stands at the left edge */
	const char *name;               /* copied */
	uint64_t begin_ns, end_ns;
};

/*
 * Add a group after the lives in it, whose parent is its key. Groups are not folded. Returns 0 or
 * -ENOMEM.
 */
int tree_add_group(struct tree *tree, const struct tree_group *group);

/*
 * After the last life: place every node, at the top if its parent was never seen; fold a command
 * with more than variants different arguments below one parent into one node; compute inclusive
 * costs, and sort siblings by them. Returns 0 or -ENOMEM.
 */
int tree_settle(struct tree *tree, size_t variants);

/*
 * The node above all others: its children are drawn at the left edge, its inclusive values are the
 * totals of the run. Settled trees only.
 */
const struct tree_node *tree_top(const struct tree *tree);
const struct tree_totals *tree_totals(const struct tree *tree);
const struct life_schema *tree_schema(const struct tree *tree);
int tree_by(const struct tree *tree);

/* The number of nodes, including those that are not drawn. */
size_t tree_n_nodes(const struct tree *tree);

/* Processes by own cost, time waiting on the run queue, and time waiting for block devices. */
const struct ranking *tree_costliest(const struct tree *tree);
const struct ranking *tree_waited_to_run(const struct tree *tree);
const struct ranking *tree_waited_for_disks(const struct tree *tree);
const struct failures *tree_failures(const struct tree *tree);

/* See wall_time_ns() in tree/wall.h. The tree need not be settled. */
uint64_t tree_wall_ns(const struct tree *tree, uint64_t otherwise);

/* The value of one process. */
struct tree_value tree_value_of(const struct life_value *value);

/* A value as a number; 0 if there is none. */
double tree_number(const struct tree_value *value);
double life_number(const struct life_value *value);

#endif
