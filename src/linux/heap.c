/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/heap.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#define HUGE_PAGE (2UL * 1024 * 1024)

/* Below the largest threshold that glibc accepts, half of HEAP_MAX_SIZE (malloc/malloc.c). */
#define EXPECTED_MAX (24UL * 1024 * 1024)

#ifdef __GLIBC__
/* glibc's DEFAULT_MMAP_THRESHOLD_MIN: from this size on, allocations are mapped one by one. */
#define PIECE_MAX (128 * 1024)

/*
 * Allocate a piece of this size from the heap, without mmap(), and free it at once: it becomes the
 * free end of the heap, from which smaller pieces are allocated.
 */
void heap_expect(size_t bytes)
{
	const size_t size = (bytes > EXPECTED_MAX ? EXPECTED_MAX : bytes) + HUGE_PAGE;
	uintptr_t begin;
	char *piece;

	if (!mallopt(M_MMAP_THRESHOLD, (int)size + PIECE_MAX))
		return;
	mallopt(M_TRIM_THRESHOLD, (int)(2 * size));
	piece = malloc(size);
	mallopt(M_MMAP_THRESHOLD, PIECE_MAX);
	if (!piece)
		return;
	begin = ((uintptr_t)piece + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
	madvise((void *)begin, ((uintptr_t)piece + size - begin) & ~(HUGE_PAGE - 1), MADV_HUGEPAGE);
	free(piece);
}
#else
void heap_expect(size_t bytes)
{
	(void)bytes;
}
#endif
