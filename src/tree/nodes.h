/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The nodes of the tree: made, linked, found by what they are called. Part of tree.c. */
#ifndef TREE_NODES_H
#define TREE_NODES_H

#include "tree/label.h"
#include "tree/tree.h"

#define NODE_BUCKETS TREE_NODES_MAX /* a power of two */

struct tree {
	const struct life_schema *schema;
	int by;
	int run_field, disk_field; /* -1: the schema has none */
	struct tree_totals totals;
	size_t n_nodes;
	struct key_map *keys;
	struct tree_node *top;     /* its children are drawn at the left edge */
	struct tree_node *pending; /* its children are nodes whose process was not yet seen */
	struct tree_node *others;
	struct ranking costliest, waited_to_run, waited_for_disks;
	struct failures failures;
	struct tree_node *buckets[NODE_BUCKETS]; /* nodes with a name, by parent and name */
};

/* A node that is linked nowhere, or NULL when memory ran out. */
struct tree_node *node_new(struct tree *tree);

/* Frees one node, which has no children, or a node and all below it. */
void node_free(struct tree *tree, struct tree_node *node);
void node_free_all(struct tree *tree, struct tree_node *top);

/* Give a node its name and detail, copied. Returns 0 or -ENOMEM. */
int node_set_label(struct tree_node *node, const struct label *label);

/* Put a node among a parent's children, first, and where the functions below find it. */
void node_link(struct tree *tree, struct tree_node *node, struct tree_node *parent);
void node_unlink(struct tree *tree, struct tree_node *node);

/*
 * Another child of the parent that is called like the node (its name alone), or NULL; to be called
 * again with the last one found as after, for the next. The traced command's own node is never found.
 */
struct tree_node *node_namesake(const struct tree *tree, const struct tree_node *parent,
                                const struct tree_node *node, const struct tree_node *after);

/* The next node of a walk over all nodes below top, parents first; NULL at its end. */
struct tree_node *node_walk(const struct tree_node *top, struct tree_node *node);

#endif
