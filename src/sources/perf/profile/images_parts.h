/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What images.c and images_maps.c share. */
#ifndef SOURCES_PERF_PROFILE_IMAGES_PARTS_H
#define SOURCES_PERF_PROFILE_IMAGES_PARTS_H

#include "sources/perf/profile/images.h"

/*
 * Limit of memory, for what was read and what was seen. The measured user chooses how much code is
 * mapped: what exceeds this stays an address.
 */
#define MAPPINGS_MAX ((size_t)1 << 20)

/* Make room for one more of n items of a size in bytes. Returns false when memory ran out. */
bool images_grow(void **items, size_t n, size_t *capacity, size_t size);

/* Returns the number of a new binary; NO_BINARY when memory ran out. */
uint32_t images_add_binary(struct images *images);

/* The same file has another number, under which it may be open. */
void images_lend(const struct binary *from, struct binary *to);

#endif
