/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "tree/fold.h"

#include <string.h>

static bool is_more(const struct tree_value *value, const struct tree_value *than)
{
	return value->type == VALUE_F64 ? value->f64 > than->f64 : value->u64 > than->u64;
}

void value_fold(enum life_fold fold, struct tree_value *sum, const struct tree_value *value,
                bool is_later)
{
	const bool partial = sum->is_partial || value->is_partial ||
	                     (sum->type == VALUE_NONE) != (value->type == VALUE_NONE);
	const bool first = sum->type == VALUE_NONE;

	if (value->type == VALUE_NONE) {
		sum->is_partial = partial;
		return;
	}
	if (!first && fold == LIFE_FOLD_SUM)
		sum->estimated += value->estimated;
	if (first || (fold == LIFE_FOLD_LAST && is_later) ||
	    (fold == LIFE_FOLD_MAX && is_more(value, sum)))
		*sum = *value;
	else if (fold == LIFE_FOLD_SUM && value->type == VALUE_F64)
		sum->f64 += value->f64;
	else if (fold == LIFE_FOLD_SUM)
		sum->u64 += value->u64;
	sum->is_partial = partial;
}

static void fold_values(struct tree *tree, struct tree_node *into, const struct tree_node *node)
{
	const bool is_later = node->end_ns > into->end_ns;

	for (size_t i = 0; i < tree->schema->n; i++) {
		if (into->processes == 0)
			into->own[i] = node->own[i];
		else
			value_fold(tree->schema->fields[i].fold, &into->own[i], &node->own[i],
			           is_later);
	}
}

/* A mixed node has the detail of its costliest process. */
static void fold_detail(struct tree_node *into, struct tree_node *node)
{
	char *detail = into->detail;

	if (into->name && node->name)
		into->is_mixed |= node->is_mixed || strcmp(into->detail, node->detail) != 0;
	if (node->most <= into->most)
		return;
	into->most = node->most;
	if (into->name && node->name) {
		into->detail = node->detail;
		node->detail = detail;
	}
}

/* Add the processes of node to into; node is empty afterwards. */
static void fold_numbers(struct tree *tree, struct tree_node *into, struct tree_node *node)
{
	if (node->processes > 0)
		fold_values(tree, into, node);
	fold_detail(into, node);
	into->processes += node->processes;
	into->failed += node->failed;
	into->running += node->running;
	into->unknown += node->unknown;
	if (node->failed > 0) {
		into->failed_status = node->failed_status;
		into->oom_killed = node->oom_killed;
	}
	if (node->begin_ns < into->begin_ns)
		into->begin_ns = node->begin_ns;
	if (node->end_ns > into->end_ns)
		into->end_ns = node->end_ns;
	key_map_move(&node->keys, into, &into->keys);
}

/* The recursion is as deep as the part that both trees have in common, TREE_NODES_MAX at most. */
void fold_into(struct tree *tree, struct tree_node *into, struct tree_node *node)
{
	fold_numbers(tree, into, node);
	while (node->children) {
		struct tree_node *child = node->children;

		node_unlink(tree, child);
		fold_place(tree, into, child, TREE_VARIANTS_MAX);
	}
	node_free(tree, node);
}

void fold_namesakes(struct tree *tree, struct tree_node *node, size_t variants)
{
	struct tree_node *parent = node->parent;
	struct tree_node *other = node_namesake(tree, parent, node, NULL);
	size_t n = 1;

	if (node->is_mixed)
		variants = 1;
	for (; other; other = node_namesake(tree, parent, node, other)) {
		n++;
		if (other->is_mixed)
			variants = 1;
	}
	if (n <= variants)
		return;
	/* Folding changes the lists that are searched, so search anew each time. */
	while ((other = node_namesake(tree, parent, node, NULL))) {
		node_unlink(tree, other);
		fold_into(tree, node, other);
	}
	node->is_mixed = true;
}

struct tree_node *fold_place(struct tree *tree, struct tree_node *parent, struct tree_node *node,
                             size_t variants)
{
	struct tree_node *other = NULL;

	while (!node->is_root && !node->is_mixed &&
	       (other = node_namesake(tree, parent, node, other))) {
		if (!other->is_mixed && strcmp(other->detail, node->detail) != 0)
			continue;
		fold_into(tree, other, node);
		return other;
	}
	node_link(tree, node, parent);
	if (!node->is_root)
		fold_namesakes(tree, node, node->is_mixed ? 1 : variants);
	return node;
}
