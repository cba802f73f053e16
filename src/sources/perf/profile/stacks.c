/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/profile/stacks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 256

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 32;
}

static uint64_t hash_of_node(const struct stack_node *node)
{
	return mix(mix(mix(node->parent, node->frame.kind), node->frame.index), node->frame.place);
}

static uint64_t hash_of_count(const struct stacks *stacks, const struct stack_count *count)
{
	return mix(mix(count->process, count->node), count->time_ns / stacks->slot_ns);
}

static bool is_same_count(const struct stacks *stacks, const struct stack_count *a,
                          const struct stack_count *b)
{
	return a->process == b->process && a->node == b->node &&
	       a->time_ns / stacks->slot_ns == b->time_ns / stacks->slot_ns;
}

static bool is_same_node(const struct stack_node *a, const struct stack_node *b)
{
	return a->parent == b->parent && a->frame.kind == b->frame.kind &&
	       a->frame.index == b->frame.index && a->frame.place == b->frame.place;
}

static void put(struct stack_slots *slots, uint64_t hash, size_t index)
{
	while (slots->slots[hash & (slots->n - 1)])
		hash++;
	slots->slots[hash & (slots->n - 1)] = (uint32_t)index + 1;
}

/* Double the capacity; the caller inserts the existing items into the new slots. */
static int grow(void **items, size_t size, size_t *capacity, struct stack_slots *slots)
{
	const size_t room = *capacity ? 2 * *capacity : FIRST_ROOM;
	uint32_t *places = calloc(2 * room, sizeof(*places));
	void *grown = places ? reallocarray(*items, room, size) : NULL;

	if (!grown) {
		free(places);
		return -ENOMEM;
	}
	*items = grown;
	*capacity = room;
	free(slots->slots);
	*slots = (struct stack_slots){.slots = places, .n = 2 * room};
	return 0;
}

static int grow_nodes(struct stacks *stacks)
{
	int err = grow((void **)&stacks->nodes, sizeof(*stacks->nodes), &stacks->nodes_capacity,
	               &stacks->node_slots);

	for (size_t i = 0; i < stacks->n_nodes && !err; i++)
		put(&stacks->node_slots, hash_of_node(&stacks->nodes[i]), i);
	return err;
}

static int grow_counts(struct stacks *stacks)
{
	int err = grow((void **)&stacks->counts, sizeof(*stacks->counts), &stacks->counts_capacity,
	               &stacks->count_slots);

	for (size_t i = 0; i < stacks->n_counts && !err; i++)
		put(&stacks->count_slots, hash_of_count(stacks, &stacks->counts[i]), i);
	return err;
}

int stacks_init(struct stacks *stacks)
{
	int err;

	*stacks = (struct stacks){.slot_ns = STACK_SLOT_FIRST_NS};
	err = grow_nodes(stacks);
	if (!err)
		err = grow_counts(stacks);
	if (err) {
		stacks_fini(stacks);
		return err;
	}
	stacks->nodes[stacks->n_nodes++] = (struct stack_node){.parent = STACK_ROOT};
	put(&stacks->node_slots, hash_of_node(&stacks->nodes[STACK_ROOT]), STACK_ROOT);
	return 0;
}

void stacks_fini(struct stacks *stacks)
{
	free(stacks->nodes);
	free(stacks->counts);
	free(stacks->node_slots.slots);
	free(stacks->count_slots.slots);
	*stacks = (struct stacks){.n_nodes = 0};
}

uint32_t stacks_below(struct stacks *stacks, uint32_t parent, const struct stack_frame *frame)
{
	const struct stack_node node = {.parent = parent, .frame = *frame};
	const uint64_t hash = hash_of_node(&node);
	const struct stack_slots *slots = &stacks->node_slots;
	uint32_t slot;

	for (uint64_t at = hash; (slot = slots->slots[at & (slots->n - 1)]) != 0; at++) {
		if (slot - 1 != STACK_ROOT && is_same_node(&stacks->nodes[slot - 1], &node))
			return slot - 1;
	}
	if (stacks->n_nodes >= STACK_NODES_MAX ||
	    (stacks->n_nodes == stacks->nodes_capacity && grow_nodes(stacks)))
		return STACK_ROOT;
	put(&stacks->node_slots, hash, stacks->n_nodes);
	stacks->nodes[stacks->n_nodes] = node;
	return (uint32_t)stacks->n_nodes++;
}

uint32_t stacks_node(struct stacks *stacks, const struct stack_frame *frames, size_t n)
{
	uint32_t node = STACK_ROOT;

	for (size_t i = n; i-- > 0;) {
		node = stacks_below(stacks, node, &frames[i]);
		if (node == STACK_ROOT) {
			stacks->too_many++;
			break;
		}
	}
	return node;
}

/* --- counts ----------------------------------------------------------------------------------- */

/* The count of the same process, node and slot of time; NULL: there is none. */
static struct stack_count *find_count(const struct stacks *stacks, const struct stack_count *like)
{
	const struct stack_slots *slots = &stacks->count_slots;
	uint32_t slot;

	for (uint64_t at = hash_of_count(stacks, like);
	     (slot = slots->slots[at & (slots->n - 1)]) != 0; at++) {
		if (is_same_count(stacks, &stacks->counts[slot - 1], like))
			return &stacks->counts[slot - 1];
	}
	return NULL;
}

static void add(struct stack_count *to, const struct stack_count *from)
{
	if (from->time_ns < to->time_ns)
		to->time_ns = from->time_ns;
	to->samples += from->samples;
	to->weight += from->weight;
	to->priced += from->priced;
}

static void append(struct stacks *stacks, const struct stack_count *count)
{
	put(&stacks->count_slots, hash_of_count(stacks, count), stacks->n_counts);
	stacks->counts[stacks->n_counts++] = *count;
}

static void lengthen_slots(struct stacks *stacks)
{
	const size_t n = stacks->n_counts;

	stacks->slot_ns *= 2;
	stacks->n_counts = 0;
	memset(stacks->count_slots.slots, 0,
	       stacks->count_slots.n * sizeof(*stacks->count_slots.slots));
	for (size_t i = 0; i < n; i++) {
		const struct stack_count count = stacks->counts[i];
		struct stack_count *found = find_count(stacks, &count);

		if (found)
			add(found, &count);
		else
			append(stacks, &count);
	}
}

static bool has_room(struct stacks *stacks, uint32_t node)
{
	return (stacks->n_counts < STACK_COUNTS_MAX || node == STACK_ROOT) &&
	       (stacks->n_counts < stacks->counts_capacity || grow_counts(stacks) == 0);
}

int stacks_count(struct stacks *stacks, const struct stack_count *samples)
{
	struct stack_count *found = find_count(stacks, samples), without_stack = *samples;

	if (!found && stacks->n_counts == STACK_COUNTS_FINE) {
		while (stacks->n_counts > STACK_COUNTS_FINE / 2 &&
		       stacks->slot_ns < STACK_SLOT_LAST_NS)
			lengthen_slots(stacks);
		found = find_count(stacks, samples);
	}
	if (found) {
		add(found, samples);
		return 0;
	}
	if (has_room(stacks, samples->node)) {
		append(stacks, samples);
		return 0;
	}
	if (samples->node == STACK_ROOT)
		return -ENOMEM;
	without_stack.node = STACK_ROOT;
	stacks->too_many += samples->samples;
	return stacks_count(stacks, &without_stack);
}
