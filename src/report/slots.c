/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/slots.h"

#include <stdlib.h>

#define CAPACITY_FIRST 256

void *slots_grow(struct slots *slots, void *items, size_t size)
{
	const size_t capacity = slots->capacity ? 2 * slots->capacity : CAPACITY_FIRST;
	uint32_t *index = calloc(2 * capacity, sizeof(*index));
	void *grown = index ? reallocarray(items, capacity, size) : NULL;

	if (!grown) {
		free(index);
		return NULL;
	}
	free(slots->index);
	*slots = (struct slots){.index = index, .n = 2 * capacity, .capacity = capacity};
	return grown;
}

void slots_fini(struct slots *slots)
{
	free(slots->index);
	*slots = (struct slots){.index = NULL};
}
