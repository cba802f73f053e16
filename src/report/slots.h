/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Finds items of an array by their content: a hash table of their indices, with open addressing.
 * The array grows with the table, which has at least twice as many slots as the array has items.
 * Only the owner of the array knows which items are equal.
 *
 *	for (at = slots_first(slots, hash); slots->index[at]; at = slots_next(slots, at))
 *		if (items[slots->index[at] - 1] is the one to find)
 *			break;
 */
#ifndef REPORT_SLOTS_H
#define REPORT_SLOTS_H

#include <stddef.h>
#include <stdint.h>

/* Zeroed, it is empty, and has no slot to begin with: call slots_grow() first. */
struct slots {
	uint32_t *index; /* of the item, + 1; 0: the slot is free */
	size_t n;        /* a power of two */
	size_t capacity; /* of the array */
};

static inline size_t slots_first(const struct slots *slots, uint64_t hash)
{
	return (size_t)(hash * 0x9e3779b97f4a7c15u >> 24) & (slots->n - 1);
}

static inline size_t slots_next(const struct slots *slots, size_t at)
{
	return (at + 1) & (slots->n - 1);
}

/*
 * Double the capacity of the array, whose items have this size, and empty the slots: the caller
 * enters all items again. Returns the array, or NULL if memory ran out: nothing has changed then.
 */
void *slots_grow(struct slots *slots, void *items, size_t size);

void slots_fini(struct slots *slots);

#endif
