/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The node of each process in the tree, by the process's key. Children know their parent only by
 * its key, and are often reported before it, sometimes long after it.
 *
 * A key is pinned until its process is reported, and then remembered until KEYS_REMEMBERED others
 * have been reported, so that memory is bounded however many processes a run has.
 */
#ifndef TREE_KEYS_H
#define TREE_KEYS_H

#include "alumet/life.h"

/* A daemon is drawn under its ended parent if fewer processes than this ended in between. */
#define KEYS_REMEMBERED 16384

struct key_map;
struct tree_node;

/* The keys of one node: the head of a list that the map keeps. Zeroed: empty. */
struct key_list {
	struct key_entry *first;
};

struct key_map *key_map_new(void);
void key_map_free(struct key_map *map);

/* The node of a process, or NULL if its key is not known (any more). */
struct tree_node *key_map_find(const struct key_map *map, const struct process_key *key);

/*
 * Pin a key that is not in the map to a node, and add it to the node's list. Returns 0 or -ENOMEM.
 */
int key_map_pin(struct key_map *map, const struct process_key *key, struct tree_node *node,
                struct key_list *list);

/* The process of a pinned key was reported: the key may be forgotten, oldest first. */
void key_map_unpin(struct key_map *map, const struct process_key *key);

/* Move every key of one list to another node and its list. */
void key_map_move(struct key_list *from, struct tree_node *node, struct key_list *list);

#endif
