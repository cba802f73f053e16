/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The tree of processes, folded while it grows: a process is added to a sibling that is alike, its
 * children to that sibling's children. Alike are siblings with the same label: the same command with
 * the same telling arguments (tree/label.h). A command with more different arguments than
 * TREE_VARIANTS_MAX below one parent becomes one node whose costliest process is remembered.
 * So a run of 100 000 processes has a tree of as many nodes as it has different places for them,
 * TREE_NODES_MAX at most.
 *
 * Lives come when processes end, children mostly before their parents, so a parent is first a node
 * without a place ("pending"), known by its key. Beside the tree the costliest processes, those that
 * waited most, and those that failed are kept, a bounded number of each.
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

/* Different nodes kept; processes beyond go into one node labelled TREE_OTHERS. */
#define TREE_NODES_MAX 4096
#define TREE_OTHERS "(others)"

/* Children of one node that run one command with different telling arguments. */
#define TREE_VARIANTS_MAX 16

/* Processes in each list beside the tree. */
#define TREE_COSTLIEST_MAX 10
#define TREE_WAITED_MAX 3

/* The cost that sorts the tree: the index of a field of the schema, or this. */
#define TREE_BY_WALL (-1)

/* A field of the schema folded over the processes of a node. */
struct tree_value {
	union {
		uint64_t u64;
		double f64;
	};
	uint8_t type;    /* enum value_type; VALUE_NONE: no process had one */
	bool is_partial; /* some process had none: the true sum is larger */
};

struct tree_node {
	struct tree_node *parent;
	struct tree_node *children; /* after tree_settle(): by inclusive cost, the largest first */
	struct tree_node *next;     /* sibling */
	struct tree_node **link;    /* what points to this node among its siblings */
	struct tree_node *next_in_bucket;
	char *name;   /* of the command; any bytes; NULL while pending */
	char *detail; /* its telling arguments, "" for none; see tree/label.h */
	uint32_t name_hash;
	bool is_root;
	bool is_mixed; /* of processes with different arguments: detail is the costliest one's */
	struct key_list keys;
	double most;        /* own cost of its costliest process */
	uint64_t processes; /* folded into this node */
	uint64_t failed;    /* of those: ended by a signal or with an exit status that is not 0 */
	uint64_t running;   /* of those: outlived the run */
	uint64_t unknown;   /* of those: ended, but how is not known */
	int failed_status;  /* wait status of the last that failed */
	bool oom_killed;    /* the last that failed was */
	/* From the first start to the last end, CLOCK_MONOTONIC. */
	uint64_t begin_ns, end_ns;
	double own_cost, cost; /* after tree_settle(): of the node; of the node and all below it */
	/* As many as the schema has fields: own, and after tree_settle() with all below. */
	struct tree_value *own, *inclusive;
};

struct tree_totals {
	uint64_t processes, threads, failed, running;
	uint64_t unknown; /* ended, but how is not known */
};

struct tree;

/*
 * The field that --by=NAME means: "cpu", "energy", "rss" or a field's own name; TREE_BY_WALL for
 * "wall"; with NULL the energy if the schema has it, else the CPU time. Returns -ENOENT when the
 * schema has no such field.
 */
int tree_criterion(const struct life_schema *schema, const char *name, int *by);

/* An empty tree, sorted by that cost; NULL when memory ran out. The schema must outlive it. */
struct tree *tree_new(const struct life_schema *schema, int by);
void tree_free(struct tree *tree);

/* Enter one process; nothing of the life is kept. Returns 0 or -ENOMEM. */
int tree_add(struct tree *tree, const struct life *life);

/*
 * After the last life: give every node a place, those whose parent was never seen at the top; fold a
 * command with more than so many different arguments below one parent into one node; compute
 * inclusive costs; sort siblings by them. Returns 0 or -ENOMEM.
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

/* Nodes that exist, for a bound on their number. */
size_t tree_n_nodes(const struct tree *tree);

/* Processes by own cost, time runnable but not running, and time blocked on storage. */
const struct ranking *tree_costliest(const struct tree *tree);
const struct ranking *tree_waited_to_run(const struct tree *tree);
const struct ranking *tree_waited_for_disks(const struct tree *tree);
const struct failures *tree_failures(const struct tree *tree);

/* A value as a number, 0 when there is none. */
double tree_number(const struct tree_value *value);
double life_number(const struct life_value *value);

#endif
