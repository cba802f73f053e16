/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Finds items of an array by their content: a hash table of their indices, with open addressing.
 * The array grows with the table, which has at least twice as many slots as the array has items.
 */
#ifndef REPORT_SLOTS_H
#define REPORT_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed, it is empty. */
struct slots {
	uint32_t *index; /* of the item, + 1; 0: the slot is free */
	size_t n;        /* a power of two */
	size_t capacity; /* of the array */
};

/* What the owner of the array knows of its items. */
struct slots_kind {
	size_t size;
	uint64_t (*hash)(const void *item);
	bool (*is_same)(const void *item, const void *other);
};

/*
 * Find an item that is the same as this one, or else append this one to the array, which has n
 * items. Returns the array, which may have moved, and the item's index: n if it was appended. NULL:
 * memory ran out, and nothing has changed.
 */
void *slots_enter(struct slots *slots, const struct slots_kind *kind, void *items, size_t n,
                  const void *item, uint32_t *index);

void slots_fini(struct slots *slots);

#endif
