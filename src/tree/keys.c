/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "tree/keys.h"

#define N_BUCKETS KEYS_REMEMBERED /* a power of two */

struct key_entry {
	struct process_key key;
	struct tree_node *node;
	struct key_entry *next_in_bucket;
	struct key_entry *next_of_node;
	struct key_entry **link_of_node; /* the pointer to this entry in its node's list */
	struct key_entry *newer;         /* unpinned entries, oldest first */
};

struct key_map {
	struct key_entry *oldest, *newest;
	size_t n_unpinned;
	struct key_entry *buckets[N_BUCKETS];
};

struct key_map *key_map_new(void)
{
	return calloc(1, sizeof(struct key_map));
}

void key_map_free(struct key_map *map)
{
	if (!map)
		return;
	for (size_t i = 0; i < N_BUCKETS; i++) {
		struct key_entry *entry = map->buckets[i];

		while (entry) {
			struct key_entry *next = entry->next_in_bucket;

			free(entry);
			entry = next;
		}
	}
	free(map);
}

/* Multiplying by 2^64 divided by the golden ratio (Knuth) spreads neighbouring keys. */
static size_t bucket_of(const struct process_key *key)
{
	uint64_t mixed = (key->start_ns ^ ((uint64_t)key->pid << 40)) * 0x9E3779B97F4A7C15ULL;

	return (size_t)(mixed >> 32) % N_BUCKETS;
}

static struct key_entry *find(const struct key_map *map, const struct process_key *key)
{
	struct key_entry *entry = map->buckets[bucket_of(key)];

	while (entry && (entry->key.pid != key->pid || entry->key.start_ns != key->start_ns))
		entry = entry->next_in_bucket;
	return entry;
}

struct tree_node *key_map_find(const struct key_map *map, const struct process_key *key)
{
	const struct key_entry *entry = find(map, key);

	return entry ? entry->node : NULL;
}

static void join_list(struct key_entry *entry, struct tree_node *node, struct key_list *list)
{
	entry->node = node;
	entry->next_of_node = list->first;
	entry->link_of_node = &list->first;
	if (list->first)
		list->first->link_of_node = &entry->next_of_node;
	list->first = entry;
}

static void leave_list(struct key_entry *entry)
{
	*entry->link_of_node = entry->next_of_node;
	if (entry->next_of_node)
		entry->next_of_node->link_of_node = entry->link_of_node;
}

int key_map_pin(struct key_map *map, const struct process_key *key, struct tree_node *node,
                struct key_list *list)
{
	size_t bucket = bucket_of(key);
	struct key_entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return -ENOMEM;
	entry->key = *key;
	entry->next_in_bucket = map->buckets[bucket];
	map->buckets[bucket] = entry;
	join_list(entry, node, list);
	return 0;
}

static void forget_oldest(struct key_map *map)
{
	struct key_entry *entry = map->oldest;
	struct key_entry **link = &map->buckets[bucket_of(&entry->key)];

	while (*link != entry)
		link = &(*link)->next_in_bucket;
	*link = entry->next_in_bucket;
	map->oldest = entry->newer;
	map->n_unpinned--;
	leave_list(entry);
	free(entry);
}

void key_map_unpin(struct key_map *map, const struct process_key *key)
{
	struct key_entry *entry = find(map, key);

	if (!entry)
		return;
	if (map->n_unpinned == 0)
		map->oldest = entry;
	else
		map->newest->newer = entry;
	map->newest = entry;
	map->n_unpinned++;
	if (map->n_unpinned > KEYS_REMEMBERED)
		forget_oldest(map);
}

void key_map_move(struct key_list *from, struct tree_node *node, struct key_list *list)
{
	while (from->first) {
		struct key_entry *entry = from->first;

		leave_list(entry);
		join_list(entry, node, list);
	}
}
