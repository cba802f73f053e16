/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which node of the tree a process is in, by its key. Children name their parent by key
 * only, often before the parent's own report and sometimes long after it.
 *
 * A key is pinned while its process has not been reported, and remembered afterwards until
 * KEYS_REMEMBERED others have been reported since: the memory of a run is bounded however many
 * processes it has.
 */
#ifndef TREE_KEYS_H
#define TREE_KEYS_H

#include "alumet/life.h"

/* A daemon is drawn under its ended parent if fewer processes than this ended in between. */
#define KEYS_REMEMBERED 16384

struct key_map;
struct tree_node;

/* The keys of one node: the head of a list that the map keeps. Zeroed: none. */
struct key_list {
	struct key_entry *first;
};

struct key_map *key_map_new(void);
void key_map_free(struct key_map *map);

/* The node of a process, or NULL when its key is not known (any more). */
struct tree_node *key_map_find(const struct key_map *map, const struct process_key *key);

/*
 * Pin a key that is not in the map to a node, whose list it joins. Returns 0 or -ENOMEM.
 */
int key_map_pin(struct key_map *map, const struct process_key *key, struct tree_node *node,
                struct key_list *list);

/* The process of a pinned key was reported: the key may be forgotten, oldest first. */
void key_map_unpin(struct key_map *map, const struct process_key *key);

/* Every key of one list is from now on a key of another node, and in its list. */
void key_map_move(struct key_list *from, struct tree_node *node, struct key_list *list);

#endif
