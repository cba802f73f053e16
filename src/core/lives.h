/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lives that wait to be delivered, with copies of everything they point to. */
#ifndef CORE_LIVES_H
#define CORE_LIVES_H

#include <stddef.h>

#include "alumet/life.h"
#include "core/arena.h"

/* A zeroed struct is empty. */
struct lives {
	struct life *items;
	size_t n, capacity;
	size_t bytes; /* of all lives, with their strings and values */
	struct arena arena;
};

/* Append a copy of the life, which has n_values values. Returns 0, or -ENOMEM and adds nothing. */
int lives_add(struct lives *lives, const struct life *life, size_t n_values);

/* Remove all lives, but keep some memory for the next ones. */
void lives_clear(struct lives *lives);

void lives_fini(struct lives *lives);

#endif
