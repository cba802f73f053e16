/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Looking an address up in a sorted array of ranges. */
#ifndef CORE_SORTED_H
#define CORE_SORTED_H

#include <stddef.h>
#include <stdint.h>

/*
 * How many of n items begin at or below the address: the last of these may contain it. Each item
 * has this size and begins with a uint64_t, its first address, by which the array is sorted.
 */
size_t sorted_upto(const void *items, size_t n, size_t size, uint64_t address);

#endif
