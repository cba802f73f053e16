/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/profile/compiled.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "symbols/perf_map.h"

struct compiled_map {
	bool is_read;
	struct perf_map *map; /* NULL: there is none */
};

int compiled_init(struct compiled *compiled, const struct images *images, const char *folder)
{
	*compiled = (struct compiled){.images = images, .folder = folder};
	compiled->maps = calloc(images->n_images + 1, sizeof(*compiled->maps));
	return compiled->maps ? 0 : -ENOMEM;
}

void compiled_fini(struct compiled *compiled)
{
	for (size_t i = 0; compiled->maps && i < compiled->images->n_images; i++)
		perf_map_free(compiled->maps[i].map);
	free(compiled->maps);
	compiled->maps = NULL;
}

static const struct perf_map *map_of(struct compiled *compiled, uint32_t index, size_t *room)
{
	const struct image *image = &compiled->images->images[index];
	struct compiled_map *known = &compiled->maps[index];
	char path[256];

	if (!known->is_read && compiled->folder) {
		snprintf(path, sizeof(path), "%s/perf-%" PRIu32 ".map", compiled->folder,
		         image->pid);
		if (!perf_map_read(path, image->owner, *room, &known->map))
			*room -= perf_map_size(known->map);
	}
	known->is_read = true;
	return known->map;
}

const char *compiled_find(struct compiled *compiled, uint32_t image, uint64_t address, size_t *room)
{
	const char *name = NULL;

	for (; !name && image != NO_IMAGE; image = compiled->images->images[image].origin) {
		const struct perf_map *map = map_of(compiled, image, room);

		name = map ? perf_map_name(map, address) : NULL;
	}
	return name;
}
