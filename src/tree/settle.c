/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Completes the tree once all lives are in it: places, inclusive costs, order. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tree/fold.h"
#include "tree/nodes.h"
#include "tree/tree.h"

static int by_cost(const void *a, const void *b)
{
	const struct tree_node *x = *(struct tree_node *const *)a;
	const struct tree_node *y = *(struct tree_node *const *)b;

	if (x->is_root != y->is_root)
		return x->is_root ? -1 : 1;
	if (x->cost != y->cost)
		return x->cost > y->cost ? -1 : 1;
	return (x->begin_ns > y->begin_ns) - (x->begin_ns < y->begin_ns);
}

/* nodes: scratch space for all children. */
static void sort_children(struct tree *tree, struct tree_node *parent, struct tree_node **nodes)
{
	size_t n = 0;

	for (struct tree_node *node = parent->children; node; node = node->next)
		nodes[n++] = node;
	if (n < 2)
		return;
	qsort(nodes, n, sizeof(*nodes), by_cost);
	/* node_link() inserts a node as the first child. */
	while (n-- > 0) {
		node_unlink(tree, nodes[n]);
		node_link(tree, nodes[n], parent);
	}
}

/* Fold children of a node that have too many variants. */
static void fold_children(struct tree *tree, const struct tree_node *parent, size_t variants)
{
	for (struct tree_node *node = parent->children; node; node = node->next) {
		if (!node->is_root)
			fold_namesakes(tree, node, variants);
	}
}

static void set_cost(const struct tree *tree, struct tree_node *node)
{
	if (tree->by != TREE_BY_WALL) {
		node->own_cost = tree_number(&node->own[tree->by]);
		node->cost = tree_number(&node->inclusive[tree->by]);
	} else if (node->end_ns > node->begin_ns) {
		node->own_cost = (double)(node->end_ns - node->begin_ns);
		node->cost = node->own_cost;
	}
}

/* nodes: parents before children. */
static void sum_up(struct tree *tree, struct tree_node **nodes, size_t n)
{
	const struct life_schema *schema = tree->schema;

	/* A tree can be settled again after more processes were added. */
	for (size_t i = 0; i < n; i++) {
		memcpy(nodes[i]->inclusive, nodes[i]->own, schema->n * sizeof(struct tree_value));
		nodes[i]->has_sum = false;
	}
	for (size_t i = n; i-- > 0;) {
		struct tree_node *node = nodes[i], *parent = node->parent;

		set_cost(tree, node);
		if (!parent)
			continue;
		for (size_t f = 0; f < schema->n; f++) {
			/*
			 * A parent without processes of its own has no values that could be
			 * missing.
			 */
			if (parent->processes == 0 && !parent->has_sum)
				parent->inclusive[f] = node->inclusive[f];
			else
				value_fold(schema->fields[f].fold, &parent->inclusive[f],
				           &node->inclusive[f], node->end_ns > parent->end_ns);
		}
		parent->has_sum = true;
	}
}

int tree_settle(struct tree *tree, size_t variants)
{
	struct tree_node **nodes, **scratch;
	size_t n = 0;

	while (tree->pending->children) {
		struct tree_node *lost = tree->pending->children;

		node_unlink(tree, lost);
		lost->processes = 0;
		fold_into(tree, tree->top, lost);
	}
	for (struct tree_node *node = tree->top; node; node = node_walk(tree->top, node))
		fold_children(tree, node, variants);
	nodes = calloc(2 * tree->n_nodes, sizeof(*nodes));
	if (!nodes)
		return -ENOMEM;
	scratch = nodes + tree->n_nodes;
	for (struct tree_node *node = tree->top; node; node = node_walk(tree->top, node))
		nodes[n++] = node;
	sum_up(tree, nodes, n);
	for (size_t i = 0; i < n; i++)
		sort_children(tree, nodes[i], scratch);
	free(nodes);
	ranking_sort(&tree->costliest);
	ranking_sort(&tree->waited_to_run);
	ranking_sort(&tree->waited_for_disks);
	failures_sort(&tree->failures);
	return 0;
}
