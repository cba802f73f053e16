/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The nodes of the tree: creating and linking them, and finding them by name. Part of tree.c. */
#ifndef TREE_NODES_H
#define TREE_NODES_H

#include "tree/label.h"
#include "tree/tree.h"
#include "tree/wall.h"

#define NODE_BUCKETS TREE_NODES_MAX /* a power of two */

struct tree {
	const struct life_schema *schema;
	int by;
	int run_field, disk_field; /* -1: the schema has none */
	struct tree_totals totals;
	struct wall wall;
	size_t n_nodes;
	struct key_map *keys;
	struct tree_node *top;     /* its children are drawn at the left edge */
	struct tree_node *pending; /* its children are nodes whose process is not known yet */
	struct tree_node *others;
	struct ranking costliest, waited_to_run, waited_for_disks;
	struct failures failures;
	struct tree_node *buckets[NODE_BUCKETS]; /* nodes with a name, by parent and name */
};

/* Create a node that is not linked. Returns NULL if out of memory. */
struct tree_node *node_new(struct tree *tree);

/* Free a node without children, or a node and all below it. */
void node_free(struct tree *tree, struct tree_node *node);
void node_free_all(struct tree *tree, struct tree_node *top);

/* Set the name and detail of a node, which are copied. Returns 0 or -ENOMEM. */
int node_set_label(struct tree_node *node, const struct label *label);

/* Link a node as its parent's first child, so that the functions below find it; or unlink it. */
void node_link(struct tree *tree, struct tree_node *node, struct tree_node *parent);
void node_unlink(struct tree *tree, struct tree_node *node);

/*
 * Find another child of the parent with the same name as the node, or NULL. after: the previous one
 * found, or NULL for the first. Never finds the traced command's own node.
 */
struct tree_node *node_namesake(const struct tree *tree, const struct tree_node *parent,
                                const struct tree_node *node, const struct tree_node *after);

/* The next node in a walk over all nodes below top, parents first; NULL at the end. */
struct tree_node *node_walk(const struct tree_node *top, struct tree_node *node);

#endif
