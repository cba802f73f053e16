/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of functions that were compiled while the program ran, from the perf maps of images. */
#ifndef SOURCES_PERF_PROFILE_COMPILED_H
#define SOURCES_PERF_PROFILE_COMPILED_H

#include <stddef.h>
#include <stdint.h>

#include "sources/perf/profile/images.h"

struct compiled_map;

struct compiled {
	const struct images *images;
	const char *folder;        /* where the maps are: /tmp; NULL: none is used */
	struct compiled_map *maps; /* by image */
};

/* No image may be added afterwards. images and folder outlive it. Returns 0 or -ENOMEM. */
int compiled_init(struct compiled *compiled, const struct images *images, const char *folder);
void compiled_fini(struct compiled *compiled);

/*
 * The function at the address, of the image or one that it began as a copy of; NULL: unknown. A map
 * that is read for the first time is taken from *room, the memory that is left for it, in bytes.
 */
const char *compiled_find(struct compiled *compiled, uint32_t image, uint64_t address,
                          size_t *room);

#endif
