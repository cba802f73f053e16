/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "tree/nodes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct tree_node *node_new(struct tree *tree)
{
	const size_t n = tree->schema->n;
	struct tree_node *node = calloc(1, sizeof(*node) + 2 * n * sizeof(struct tree_value));

	if (!node)
		return NULL;
	node->own = (struct tree_value *)(node + 1);
	node->inclusive = node->own + n;
	for (size_t i = 0; i < 2 * n; i++)
		node->own[i].type = VALUE_NONE;
	node->begin_ns = UINT64_MAX;
	tree->n_nodes++;
	return node;
}

void node_free(struct tree *tree, struct tree_node *node)
{
	if (!node)
		return;
	free(node->name);
	free(node->detail);
	free(node);
	tree->n_nodes--;
}

/* Not recursive: a tree may be thousands of processes deep. */
void node_free_all(struct tree *tree, struct tree_node *top)
{
	struct tree_node *node = top;

	while (node) {
		if (node->children) {
			node = node->children;
			continue;
		}

		struct tree_node *up = node == top ? NULL : node->parent;

		if (up) {
			up->children = node->next;
			if (node->next)
				node->next->link = &up->children;
		}
		node_free(tree, node);
		node = up;
	}
}

static uint32_t hash_name(const char *name)
{
	uint32_t hash = 2166136261U; /* FNV-1a */

	for (const char *c = name; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619U;
	return hash;
}

int node_set_label(struct tree_node *node, const struct label *label)
{
	char *name = strdup(label->name);
	char *detail = strdup(label->detail);

	if (!name || !detail) {
		free(name);
		free(detail);
		return -ENOMEM;
	}
	node->name = name;
	node->detail = detail;
	node->name_hash = hash_name(name);
	return 0;
}

static size_t bucket_of(const struct tree_node *parent, uint32_t name_hash)
{
	uint64_t mixed = ((uintptr_t)parent ^ name_hash) * 0x9E3779B97F4A7C15ULL;

	return (size_t)(mixed >> 32) % NODE_BUCKETS;
}

void node_link(struct tree *tree, struct tree_node *node, struct tree_node *parent)
{
	node->parent = parent;
	node->next = parent->children;
	node->link = &parent->children;
	if (node->next)
		node->next->link = &node->next;
	parent->children = node;
	if (node->name) {
		struct tree_node **bucket = &tree->buckets[bucket_of(parent, node->name_hash)];

		node->next_in_bucket = *bucket;
		*bucket = node;
	}
}

void node_unlink(struct tree *tree, struct tree_node *node)
{
	*node->link = node->next;
	if (node->next)
		node->next->link = node->link;
	if (node->name) {
		struct tree_node **link = &tree->buckets[bucket_of(node->parent, node->name_hash)];

		while (*link != node)
			link = &(*link)->next_in_bucket;
		*link = node->next_in_bucket;
	}
	node->parent = NULL;
}

struct tree_node *node_namesake(const struct tree *tree, const struct tree_node *parent,
                                const struct tree_node *node, const struct tree_node *after)
{
	struct tree_node *found =
		after ? after->next_in_bucket : tree->buckets[bucket_of(parent, node->name_hash)];

	while (found &&
	       (found == node || found->parent != parent || found->is_root ||
	        found->name_hash != node->name_hash || strcmp(found->name, node->name) != 0))
		found = found->next_in_bucket;
	return found;
}

struct tree_node *node_walk(const struct tree_node *top, struct tree_node *node)
{
	if (node->children)
		return node->children;
	while (node != top && !node->next)
		node = node->parent;
	return node == top ? NULL : node->next;
}
