/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/lives.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 64

/* lives_clear() keeps an array of up to this many elements. */
#define KEPT_CAPACITY 4096

static int make_room(struct lives *lives)
{
	const size_t capacity = lives->capacity ? 2 * lives->capacity : FIRST_CAPACITY;
	struct life *items;

	if (lives->n < lives->capacity)
		return 0;
	items = reallocarray(lives->items, capacity, sizeof(*items));
	if (!items)
		return -ENOMEM;
	lives->items = items;
	lives->capacity = capacity;
	return 0;
}

/* Copy the bytes to *at, and advance *at past them. Returns the copy. */
static const char *put(char **at, const char *bytes, size_t size)
{
	char *copy = *at;

	memcpy(copy, bytes, size);
	*at += size;
	return copy;
}

int lives_add(struct lives *lives, const struct life *life, size_t n_values)
{
	const size_t values_size = n_values * sizeof(*life->values);
	const size_t comm_size = strlen(life->comm) + 1, exe_size = strlen(life->exe) + 1;
	const size_t args_size = life->args ? life->args_length : 0;
	const size_t rank_size = life->rank ? strlen(life->rank) + 1 : 0;
	const size_t size = values_size + comm_size + exe_size + args_size + rank_size;
	struct life copy = *life;
	char *at;
	int err = make_room(lives);

	if (err)
		return err;
	at = arena_take(&lives->arena, size);
	if (!at)
		return -ENOMEM;
	copy.values = (struct life_value *)at; /* first, where the arena aligns for any type */
	if (values_size)
		memcpy(copy.values, life->values, values_size);
	at += values_size;
	copy.comm = put(&at, life->comm, comm_size);
	copy.exe = put(&at, life->exe, exe_size);
	if (life->args)
		copy.args = put(&at, life->args, args_size);
	if (life->rank)
		copy.rank = put(&at, life->rank, rank_size);
	lives->items[lives->n++] = copy;
	lives->bytes += sizeof(copy) + size;
	return 0;
}

void lives_clear(struct lives *lives)
{
	if (lives->capacity > KEPT_CAPACITY) {
		free(lives->items);
		lives->items = NULL;
		lives->capacity = 0;
	}
	lives->n = 0;
	lives->bytes = 0;
	arena_reset(&lives->arena);
}

void lives_fini(struct lives *lives)
{
	free(lives->items);
	arena_fini(&lives->arena);
	*lives = (struct lives){.items = NULL};
}
