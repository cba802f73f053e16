/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lives that wait for their delivery: copies of all that a life points to. */
#ifndef CORE_LIVES_H
#define CORE_LIVES_H

#include <stddef.h>

#include "alumet/life.h"
#include "core/arena.h"

/* All zeros is an empty one. */
struct lives {
	struct life *items;
	size_t n, capacity;
	size_t bytes; /* of all, with their texts and values */
	struct arena arena;
};

/* Append a copy of the life, which has n_values values. Returns 0, or -ENOMEM: nothing is kept. */
int lives_add(struct lives *lives, const struct life *life, size_t n_values);

/* Forget all lives, keeping some memory for the next ones. */
void lives_clear(struct lives *lives);

void lives_fini(struct lives *lives);

#endif
