/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "tree/tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tree/fold.h"
#include "tree/label.h"
#include "tree/nodes.h"

/* --- what sorts it ---------------------------------------------------------------------------- */

static int index_of(const struct life_schema *schema, const char *name)
{
	for (size_t i = 0; i < schema->n; i++) {
		if (strcasecmp(schema->fields[i].name, name) == 0)
			return (int)i;
	}
	return -ENOENT;
}

int tree_criterion(const struct life_schema *schema, const char *name, int *by)
{
	static const char *const short_names[][2] = {
		{"cpu", "cpu-time"},
		{"energy", "attributed-energy"},
		{"rss", "peak-rss"},
	};
	int index;

	if (!name) {
		index = index_of(schema, "attributed-energy");
		if (index < 0)
			index = index_of(schema, "cpu-time");
		*by = index < 0 ? TREE_BY_WALL : index;
		return 0;
	}
	if (strcasecmp(name, "wall") == 0) {
		*by = TREE_BY_WALL;
		return 0;
	}
	for (size_t i = 0; i < sizeof(short_names) / sizeof(*short_names); i++) {
		if (strcasecmp(name, short_names[i][0]) == 0)
			name = short_names[i][1];
	}
	index = index_of(schema, name);
	if (index < 0)
		return -ENOENT;
	*by = index;
	return 0;
}

struct tree_value tree_value_of(const struct life_value *value)
{
	return (struct tree_value){
		.u64 = value->u64, /* the bits, whatever the type */
		.estimated = value->estimated,
		.type = (uint8_t)value->type,
	};
}

double tree_number(const struct tree_value *value)
{
	return value->type == VALUE_U64   ? (double)value->u64
	       : value->type == VALUE_F64 ? value->f64
	                                  : 0;
}

double life_number(const struct life_value *value)
{
	const struct tree_value of_one = tree_value_of(value);

	return tree_number(&of_one);
}

/* The cost of one process, without what it started. */
static double own_cost(const struct tree *tree, const struct life *life)
{
	if (tree->by != TREE_BY_WALL)
		return life_number(&life->values[tree->by]);
	return life->end_ns > life->begin_ns ? (double)(life->end_ns - life->begin_ns) : 0;
}

/* --- making it -------------------------------------------------------------------------------- */

struct tree *tree_new(const struct life_schema *schema, int by)
{
	struct tree *tree = calloc(1, sizeof(*tree));

	if (!tree)
		return NULL;
	tree->schema = schema;
	tree->by = by;
	tree->run_field = index_of(schema, "runqueue-wait");
	tree->disk_field = index_of(schema, "block-wait");
	tree->keys = key_map_new();
	tree->top = node_new(tree);
	tree->pending = node_new(tree);
	if (!tree->keys || !tree->top || !tree->pending ||
	    ranking_init(&tree->costliest, TREE_COSTLIEST_MAX, schema->n) != 0 ||
	    ranking_init(&tree->waited_to_run, TREE_WAITED_MAX, schema->n) != 0 ||
	    ranking_init(&tree->waited_for_disks, TREE_WAITED_MAX, schema->n) != 0) {
		tree_free(tree);
		return NULL;
	}
	return tree;
}

void tree_free(struct tree *tree)
{
	if (!tree)
		return;
	node_free_all(tree, tree->top);
	node_free_all(tree, tree->pending);
	key_map_free(tree->keys);
	ranking_fini(&tree->costliest);
	ranking_fini(&tree->waited_to_run);
	ranking_fini(&tree->waited_for_disks);
	failures_fini(&tree->failures);
	free(tree);
}

/* --- growing it ------------------------------------------------------------------------------- */

static bool is_above(const struct tree_node *node, const struct tree_node *below)
{
	while (below && below != node)
		below = below->parent;
	return below != NULL;
}

static void set_numbers(const struct tree *tree, struct tree_node *node, const struct life *life)
{
	for (size_t i = 0; i < tree->schema->n; i++)
		node->own[i] = tree_value_of(&life->values[i]);
	node->processes = 1;
	node->running = !life->ended;
	node->unknown = life->ended && life->status_hidden;
	node->failed = life_failed(life);
	node->failed_status = life->wait_status;
	node->oom_killed = life->oom_killed;
	node->begin_ns = life->begin_ns;
	node->end_ns = life->end_ns;
	node->most = own_cost(tree, life);
}

/* Add a node for a process of which only the key is known. Returns NULL if out of memory. */
static struct tree_node *add_pending(struct tree *tree, const struct process_key *key)
{
	struct tree_node *node = node_new(tree);

	if (!node)
		return NULL;
	if (key_map_pin(tree->keys, key, node, &node->keys) != 0) {
		node_free(tree, node);
		return NULL;
	}
	node_link(tree, node, tree->pending);
	return node;
}

static struct tree_node *others_of(struct tree *tree)
{
	static const struct label label = {.name = TREE_OTHERS};

	if (!tree->others) {
		struct tree_node *node = node_new(tree);

		if (!node || node_set_label(node, &label) != 0) {
			node_free(tree, node);
			return NULL;
		}
		node_link(tree, node, tree->top);
		tree->others = node;
	}
	return tree->others;
}

/* The node below which a process belongs, in the tree or pending; NULL if out of memory. */
static struct tree_node *parent_of(struct tree *tree, const struct life *life,
                                   const struct tree_node *self)
{
	struct tree_node *parent;

	if (life->is_root || life->parent.pid == 0)
		return tree->top;
	parent = key_map_find(tree->keys, &life->parent);
	if (!parent && tree->n_nodes >= TREE_NODES_MAX)
		return others_of(tree);
	if (!parent)
		parent = add_pending(tree, &life->parent);
	/* Impossible, but a walk along a cycle would never end. */
	if (parent && is_above(self, parent))
		return tree->top;
	return parent;
}

/* Whether the node can be folded into an existing child: then it needs no room. */
static bool has_place(const struct tree *tree, const struct tree_node *parent,
                      const struct tree_node *node)
{
	const struct tree_node *other = node_namesake(tree, parent, node, NULL);

	for (; other; other = node_namesake(tree, parent, node, other)) {
		if (other->is_mixed || strcmp(other->detail, node->detail) == 0)
			return true;
	}
	return false;
}

/* Set the label of a process's node, and place it. */
static int settle_node(struct tree *tree, struct tree_node *node, const struct life *life,
                       struct tree_node *parent)
{
	struct label label;
	bool is_full;

	label_make(life, &label);
	node_unlink(tree, node);
	set_numbers(tree, node, life);
	if (node_set_label(node, &label) != 0) {
		node_link(tree, node, tree->pending);
		return -ENOMEM;
	}
	node->is_root = life->is_root;
	is_full = (parent == tree->others || tree->n_nodes > TREE_NODES_MAX) && !node->children;
	if (is_full && !has_place(tree, parent, node)) {
		if (!others_of(tree)) {
			node_link(tree, node, parent);
			return -ENOMEM;
		}
		/* A combined node has no common arguments. */
		node->detail[0] = '\0';
		fold_into(tree, tree->others, node);
		return 0;
	}
	fold_place(tree, parent, node, TREE_VARIANTS_MAX);
	return 0;
}

static int add_beside(struct tree *tree, const struct life *life)
{
	int err = ranking_add(&tree->costliest, life, own_cost(tree, life));

	if (!err && tree->run_field >= 0)
		err = ranking_add(&tree->waited_to_run, life,
		                  life_number(&life->values[tree->run_field]));
	if (!err && tree->disk_field >= 0)
		err = ranking_add(&tree->waited_for_disks, life,
		                  life_number(&life->values[tree->disk_field]));
	if (!err)
		err = failures_add(&tree->failures, life);
	tree->totals.processes++;
	tree->totals.threads += life->threads;
	tree->totals.failed += life_failed(life);
	tree->totals.running += !life->ended;
	tree->totals.unknown += life->ended && life->status_hidden;
	wall_add(&tree->wall, life->is_root, life->ended, life->begin_ns, life->end_ns);
	return err;
}

int tree_add(struct tree *tree, const struct life *life)
{
	struct tree_node *node = key_map_find(tree->keys, &life->key);
	struct tree_node *parent;
	int err;

	/* Two processes never have the same pid and start. */
	if (node && node->name)
		return 0;
	err = add_beside(tree, life);
	if (!node)
		node = add_pending(tree, &life->key);
	if (!node)
		return -ENOMEM;
	parent = parent_of(tree, life, node);
	if (!parent)
		return -ENOMEM;
	if (!err)
		err = settle_node(tree, node, life, parent);
	if (!err)
		key_map_unpin(tree->keys, &life->key);
	return err;
}

int tree_add_group(struct tree *tree, const struct tree_group *group)
{
	struct tree_node *node = key_map_find(tree->keys, &group->key);
	struct tree_node *parent = tree->top;
	struct label label = {.detail = ""};

	snprintf(label.name, sizeof(label.name), "%s", group->name);
	if (!node)
		node = add_pending(tree, &group->key);
	if (!node)
		return -ENOMEM;
	if (group->parent.pid)
		parent = key_map_find(tree->keys, &group->parent);
	if (!parent)
		parent = add_pending(tree, &group->parent);
	if (!parent)
		return -ENOMEM;
	/* Named nodes are found by their name: unlink the node before setting it. */
	node_unlink(tree, node);
	if (node_set_label(node, &label)) {
		node_link(tree, node, tree->pending);
		return -ENOMEM;
	}
	node->is_root = node->is_group = true;
	node->begin_ns = group->begin_ns;
	node->end_ns = group->end_ns;
	node_link(tree, node, parent);
	key_map_unpin(tree->keys, &group->key);
	return 0;
}

/* --- reading it ------------------------------------------------------------------------------- */

const struct tree_node *tree_top(const struct tree *tree)
{
	return tree->top;
}

const struct tree_totals *tree_totals(const struct tree *tree)
{
	return &tree->totals;
}

const struct life_schema *tree_schema(const struct tree *tree)
{
	return tree->schema;
}

int tree_by(const struct tree *tree)
{
	return tree->by;
}

uint64_t tree_wall_ns(const struct tree *tree, uint64_t otherwise)
{
	return wall_time_ns(&tree->wall, otherwise);
}

size_t tree_n_nodes(const struct tree *tree)
{
	return tree->n_nodes;
}

const struct ranking *tree_costliest(const struct tree *tree)
{
	return &tree->costliest;
}

const struct ranking *tree_waited_to_run(const struct tree *tree)
{
	return &tree->waited_to_run;
}

const struct ranking *tree_waited_for_disks(const struct tree *tree)
{
	return &tree->waited_for_disks;
}

const struct failures *tree_failures(const struct tree *tree)
{
	return &tree->failures;
}
