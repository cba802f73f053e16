/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

/* The usual size of a block. Small, so that a run with few attributes keeps little memory. */
#define USUAL_SIZE ((size_t)32 * 1024)

struct arena_block {
	struct arena_block *next;
	size_t size, taken;
	alignas(max_align_t) unsigned char bytes[];
};

static void blocks_free(struct arena_block *block)
{
	while (block) {
		struct arena_block *next = block->next;

		free(block);
		block = next;
	}
}

void arena_fini(struct arena *arena)
{
	blocks_free(arena->used);
	blocks_free(arena->spare);
	*arena = (struct arena){NULL, NULL};
}

/* Put a block of at least size bytes at the head of the used ones. NULL when memory ran out. */
static struct arena_block *arena_add_block(struct arena *arena, size_t size)
{
	struct arena_block *block = arena->spare;

	if (size <= USUAL_SIZE && block) {
		arena->spare = block->next;
	} else {
		size = size <= USUAL_SIZE ? USUAL_SIZE : size;
		if (size > SIZE_MAX - sizeof(*block))
			return NULL;
		block = malloc(sizeof(*block) + size);
		if (!block)
			return NULL;
		block->size = size;
	}
	block->taken = 0;
	block->next = arena->used;
	arena->used = block;
	return block;
}

void *arena_take(struct arena *arena, size_t size)
{
	const size_t alignment = alignof(max_align_t);
	struct arena_block *block = arena->used;
	void *piece;

	if (size > SIZE_MAX - (alignment - 1))
		return NULL;
	size = (size + alignment - 1) / alignment * alignment;
	if (!block || size > block->size - block->taken) {
		block = arena_add_block(arena, size);
		if (!block)
			return NULL;
	}
	piece = block->bytes + block->taken;
	block->taken += size;
	return piece;
}

void arena_reset(struct arena *arena)
{
	while (arena->used) {
		struct arena_block *block = arena->used;

		arena->used = block->next;
		if (block->size == USUAL_SIZE) {
			block->next = arena->spare;
			arena->spare = block;
		} else {
			free(block);
		}
	}
}
