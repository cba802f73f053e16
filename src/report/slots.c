/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/slots.h"

#include <stdlib.h>
#include <string.h>

#define CAPACITY_FIRST 256

/* The slot of the same item, or else a free one. */
static uint32_t *find_slot(const struct slots *slots, const struct slots_kind *kind,
                           const char *items, const void *item)
{
	size_t at = (size_t)(kind->hash(item) * 0x9e3779b97f4a7c15u >> 24) & (slots->n - 1);

	while (slots->index[at] &&
	       !kind->is_same(items + (slots->index[at] - 1) * kind->size, item))
		at = (at + 1) & (slots->n - 1);
	return &slots->index[at];
}

/* Double the capacity. Returns the array, or NULL. */
static char *grow(struct slots *slots, const struct slots_kind *kind, char *items, size_t n)
{
	const size_t capacity = slots->capacity ? 2 * slots->capacity : CAPACITY_FIRST;
	uint32_t *index = calloc(2 * capacity, sizeof(*index));
	char *grown = index ? reallocarray(items, capacity, kind->size) : NULL;

	if (!grown) {
		free(index);
		return NULL;
	}
	free(slots->index);
	*slots = (struct slots){.index = index, .n = 2 * capacity, .capacity = capacity};
	for (size_t i = 0; i < n; i++)
		*find_slot(slots, kind, grown, grown + i * kind->size) = (uint32_t)i + 1;
	return grown;
}

void *slots_enter(struct slots *slots, const struct slots_kind *kind, void *items, size_t n,
                  const void *item, uint32_t *index)
{
	char *array = n < slots->capacity ? items : grow(slots, kind, items, n);
	uint32_t *slot;

	if (!array)
		return NULL;
	slot = find_slot(slots, kind, array, item);
	if (!*slot) {
		memcpy(array + n * kind->size, item, kind->size);
		*slot = (uint32_t)n + 1;
	}
	*index = *slot - 1;
	return array;
}

void slots_fini(struct slots *slots)
{
	free(slots->index);
	*slots = (struct slots){.index = NULL};
}
