/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A direct-mapped cache in front of a hash table: an array of the elements that were looked up
 * last. Most lookups read one slot here and one element; a chain of the hash table would take
 * several elements.
 */
#ifndef CORE_RECENT_H
#define CORE_RECENT_H

#include <stdint.h>

#define RECENT_BITS 12
#define RECENT_MAX (1U << RECENT_BITS)

/*
 * The slot of a key of two numbers, by Fibonacci hashing: the highest bits depend on all bits of
 * the key.
 */
static inline uint32_t recent_place(uint64_t a, uint64_t b)
{
	return (uint32_t)((a + b * 0xbf58476d1ce4e5b9ULL) * 0x9e3779b97f4a7c15ULL >>
	                  (64 - RECENT_BITS));
}

#endif
