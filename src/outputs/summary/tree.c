/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "outputs/summary/tree.h"

#define N_BUCKETS TREE_NODES_MAX /* a power of two */
#define LABEL_SIZE 256           /* NAME_MAX and its NUL */
#define COMM_MAX 15              /* TASK_COMM_LEN without its NUL */

struct tree {
	size_t n_counters;
	size_t n_nodes;
	struct key_map *keys;
	struct tree_node *top;     /* its children are what the summary draws at the left edge */
	struct tree_node *pending; /* its children are nodes whose process was not yet reported */
	struct tree_node *others;
	struct tree_node *buckets[N_BUCKETS]; /* nodes with a label, by parent and label */
};

static struct tree_node *node_new(struct tree *tree)
{
	size_t size = sizeof(struct tree_node) + tree->n_counters * sizeof(struct tree_counter);
	struct tree_node *node = calloc(1, size);

	if (node) {
		node->first_ns = UINT64_MAX;
		tree->n_nodes++;
	}
	return node;
}

static void node_free(struct tree *tree, struct tree_node *node)
{
	free(node->label);
	free(node);
	tree->n_nodes--;
}

static uint32_t hash_label(const char *label)
{
	uint32_t hash = 2166136261U; /* FNV-1a */

	for (const char *c = label; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619U;
	return hash;
}

static struct tree_node **bucket_of(struct tree *tree, const struct tree_node *parent,
                                    uint32_t label_hash)
{
	uint64_t mixed = ((uintptr_t)parent ^ label_hash) * 0x9E3779B97F4A7C15ULL;

	return &tree->buckets[(mixed >> 32) % N_BUCKETS];
}

/* Put a node among a parent's children, and where twin_of() finds it if it has a label. */
static void link_node(struct tree *tree, struct tree_node *node, struct tree_node *parent)
{
	node->parent = parent;
	node->next = parent->children;
	node->link = &parent->children;
	if (node->next)
		node->next->link = &node->next;
	parent->children = node;
	if (node->label) {
		struct tree_node **bucket = bucket_of(tree, parent, node->label_hash);

		node->next_in_bucket = *bucket;
		*bucket = node;
	}
}

static void unlink_node(struct tree *tree, struct tree_node *node)
{
	*node->link = node->next;
	if (node->next)
		node->next->link = node->link;
	if (node->label) {
		struct tree_node **link = bucket_of(tree, node->parent, node->label_hash);

		while (*link != node)
			link = &(*link)->next_in_bucket;
		*link = node->next_in_bucket;
	}
	node->parent = NULL;
}

/* The child of parent that processes with this label are folded into, or NULL. */
static struct tree_node *twin_of(struct tree *tree, const struct tree_node *parent,
                                 const char *label, uint32_t label_hash)
{
	struct tree_node *node = *bucket_of(tree, parent, label_hash);

	while (node && (node->parent != parent || node->label_hash != label_hash || node->is_root ||
	                strcmp(node->label, label) != 0))
		node = node->next_in_bucket;
	return node;
}

struct tree *tree_new(size_t n_counters)
{
	struct tree *tree = calloc(1, sizeof(*tree));

	if (!tree)
		return NULL;
	tree->n_counters = n_counters < TREE_COUNTERS_MAX ? n_counters : TREE_COUNTERS_MAX;
	tree->keys = key_map_new();
	tree->top = node_new(tree);
	tree->pending = node_new(tree);
	if (!tree->keys || !tree->top || !tree->pending) {
		tree_free(tree);
		return NULL;
	}
	return tree;
}

/* Frees a node and all below it. Not recursive: a tree may be thousands of processes deep. */
static void free_below(struct tree *tree, struct tree_node *top)
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

void tree_free(struct tree *tree)
{
	if (!tree)
		return;
	free_below(tree, tree->top);
	free_below(tree, tree->pending);
	key_map_free(tree->keys);
	free(tree);
}

static void add_counters(struct tree_node *node, const struct tree_counter *counters, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct tree_counter *sum = &node->counters[i];

		if (node->processes > 0 && sum->has_value != counters[i].has_value)
			sum->is_partial = true;
		sum->is_partial |= counters[i].is_partial;
		sum->has_value |= counters[i].has_value;
		sum->value += counters[i].value;
	}
}

/* Add the processes of one node to those of another; the first is empty afterwards. */
static void fold_numbers(struct tree *tree, struct tree_node *into, struct tree_node *node)
{
	add_counters(into, node->counters, tree->n_counters);
	into->processes += node->processes;
	into->failed += node->failed;
	into->running += node->running;
	if (node->failed > 0)
		into->failed_status = node->failed_status;
	into->cpu_ns += node->cpu_ns;
	if (node->first_ns < into->first_ns)
		into->first_ns = node->first_ns;
	key_map_move(&node->keys, into, &into->keys);
}

/*
 * Fold a node that has no place into another, and its children into that one's children.
 * Recursion is as deep as both trees are alike, TREE_NODES_MAX at most.
 */
static void fold(struct tree *tree, struct tree_node *into, struct tree_node *node)
{
	fold_numbers(tree, into, node);
	while (node->children) {
		struct tree_node *child = node->children;
		struct tree_node *twin;

		unlink_node(tree, child);
		twin = twin_of(tree, into, child->label, child->label_hash);
		if (twin)
			fold(tree, twin, child);
		else
			link_node(tree, child, into);
	}
	node_free(tree, node);
}

static bool is_above(const struct tree_node *node, const struct tree_node *below)
{
	while (below && below != node)
		below = below->parent;
	return below != NULL;
}

/* What a reader calls the process: its name, and whether it is only a copy of its parent. */
static void make_label(const struct process_report *report, char label[static LABEL_SIZE])
{
	const char *slash = strrchr(report->exe, '/');
	const char *file = slash ? slash + 1 : report->exe;
	const char *name = report->comm;
	size_t length;

	/* The kernel cuts the name of a file; a process that renamed itself keeps its own name. */
	if (strlen(report->comm) == COMM_MAX && strncmp(file, report->comm, COMM_MAX) == 0)
		name = file;
	length = strnlen(name, LABEL_SIZE - sizeof(" (fork)"));
	memcpy(label, name, length);
	strcpy(label + length, report->executed ? "" : " (fork)");
}

static void set_numbers(const struct tree *tree, struct tree_node *node,
                        const struct process_report *report)
{
	for (size_t i = 0; i < tree->n_counters && i < report->n_counters; i++) {
		node->counters[i].has_value = report->counters[i].has_value;
		if (report->counters[i].has_value)
			node->counters[i].value = report->counters[i].value;
	}
	node->processes = 1;
	node->running = !report->ended;
	node->failed = report->ended && report->wait_status != 0;
	node->failed_status = report->wait_status;
	node->cpu_ns = report->cpu_ns;
	node->first_ns = report->begin_ns;
}

/* A node for a process of which only the key is known, or NULL. */
static struct tree_node *add_pending(struct tree *tree, const struct process_key *key)
{
	struct tree_node *node = node_new(tree);

	if (!node)
		return NULL;
	if (key_map_pin(tree->keys, key, node, &node->keys) != 0) {
		node_free(tree, node);
		return NULL;
	}
	link_node(tree, node, tree->pending);
	return node;
}

static struct tree_node *others_of(struct tree *tree)
{
	if (!tree->others) {
		struct tree_node *node = node_new(tree);
		char *label = strdup(TREE_OTHERS);

		if (!node || !label) {
			if (node)
				node_free(tree, node);
			free(label);
			return NULL;
		}
		node->label = label;
		node->label_hash = hash_label(label);
		link_node(tree, node, tree->top);
		tree->others = node;
	}
	return tree->others;
}

/* Where a report's process belongs: a node in the tree or a pending one; NULL without memory. */
static struct tree_node *parent_of(struct tree *tree, const struct process_report *report,
                                   const struct tree_node *self)
{
	struct tree_node *parent;

	if (report->is_root || report->parent.pid == 0)
		return tree->top;
	parent = key_map_find(tree->keys, &report->parent);
	if (!parent && tree->n_nodes >= TREE_NODES_MAX)
		return others_of(tree);
	if (!parent)
		parent = add_pending(tree, &report->parent);
	/* Cannot be, but a circle would never end. */
	if (parent && is_above(self, parent))
		return tree->top;
	return parent;
}

/* Give the node of a reported process its label and its place, in a twin if there is one. */
static int settle_node(struct tree *tree, struct tree_node *node,
                       const struct process_report *report, struct tree_node *parent)
{
	char label[LABEL_SIZE];
	struct tree_node *twin = NULL;
	char *own = NULL;
	uint32_t hash;

	make_label(report, label);
	hash = hash_label(label);
	if (!report->is_root)
		twin = twin_of(tree, parent, label, hash);
	if (!twin && (parent == tree->others || tree->n_nodes > TREE_NODES_MAX) && !node->children)
		twin = others_of(tree);
	if (!twin) {
		own = strdup(label);
		if (!own)
			return -ENOMEM;
	}
	unlink_node(tree, node);
	set_numbers(tree, node, report);
	if (twin) {
		fold(tree, twin, node);
		return 0;
	}
	node->label = own;
	node->label_hash = hash;
	node->is_root = report->is_root;
	link_node(tree, node, parent);
	return 0;
}

int tree_add(struct tree *tree, const struct process_report *report)
{
	struct tree_node *node = key_map_find(tree->keys, &report->key);
	struct tree_node *parent;
	int err;

	/* A key that was reported before cannot be: two processes never share pid and start. */
	if (node && node->label)
		return 0;
	if (!node)
		node = add_pending(tree, &report->key);
	if (!node)
		return -ENOMEM;
	parent = parent_of(tree, report, node);
	if (!parent)
		return -ENOMEM;
	err = settle_node(tree, node, report, parent);
	if (err == 0)
		key_map_unpin(tree->keys, &report->key);
	return err;
}

static int by_begin(const void *a, const void *b)
{
	const struct tree_node *x = *(struct tree_node *const *)a;
	const struct tree_node *y = *(struct tree_node *const *)b;

	if (x->is_root != y->is_root)
		return x->is_root ? -1 : 1;
	return (x->first_ns > y->first_ns) - (x->first_ns < y->first_ns);
}

/* Sort the children of a node; order is a comfort, so without memory they stay as they are. */
static void sort_children(struct tree *tree, struct tree_node *parent)
{
	struct tree_node **nodes;
	size_t n = 0;

	for (struct tree_node *node = parent->children; node; node = node->next)
		n++;
	if (n < 2)
		return;
	nodes = calloc(n, sizeof(struct tree_node *));
	if (!nodes)
		return;
	n = 0;
	for (struct tree_node *node = parent->children; node; node = node->next)
		nodes[n++] = node;
	qsort(nodes, n, sizeof(struct tree_node *), by_begin);
	/* link_node() puts a node first. */
	while (n-- > 0) {
		unlink_node(tree, nodes[n]);
		link_node(tree, nodes[n], parent);
	}
	free(nodes);
}

/* The next node of a walk over all nodes below top, parents first; NULL at its end. */
static struct tree_node *walk(const struct tree_node *top, struct tree_node *node)
{
	if (node->children)
		return node->children;
	while (node != top && !node->next)
		node = node->parent;
	return node == top ? NULL : node->next;
}

void tree_settle(struct tree *tree)
{
	while (tree->pending->children) {
		struct tree_node *lost = tree->pending->children;

		unlink_node(tree, lost);
		lost->processes = 0;
		fold(tree, tree->top, lost);
	}
	for (struct tree_node *node = tree->top; node; node = walk(tree->top, node))
		sort_children(tree, node);
}

const struct tree_node *tree_first(const struct tree *tree)
{
	return tree->top->children;
}

size_t tree_n_counters(const struct tree *tree)
{
	return tree->n_counters;
}

size_t tree_n_nodes(const struct tree *tree)
{
	return tree->n_nodes;
}
