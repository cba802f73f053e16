/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Memory that is taken piece by piece and given back all at once. Pieces never move. The blocks
 * that it is cut from are kept for the next time, so a steady load allocates nothing.
 */
#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *used;  /* the first one is being cut */
	struct arena_block *spare; /* all of the usual size */
};

/* An arena of zeros is empty and ready. */
void arena_fini(struct arena *arena);

/* size bytes, aligned for any type, until arena_reset(); NULL when memory ran out. */
void *arena_take(struct arena *arena, size_t size);

/* Take back everything. Blocks made for a piece of unusual size are freed. */
void arena_reset(struct arena *arena);

#endif
