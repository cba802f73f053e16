/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An arena: memory is allocated piece by piece and released all at once. Pieces never move. Blocks
 * of the usual size are kept for reuse, so that a steady load needs no malloc().
 */
#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *used;  /* pieces are cut from the first one */
	struct arena_block *spare; /* unused blocks, all of the usual size */
};

/* Free all memory. A zeroed arena is empty and ready to use. */
void arena_fini(struct arena *arena);

/* Allocate size bytes, aligned for any type, until arena_reset(). NULL when memory ran out. */
void *arena_take(struct arena *arena, size_t size);

/* Release all pieces. Blocks of the usual size are kept for reuse, larger ones are freed. */
void arena_reset(struct arena *arena);

#endif
