/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/profile/compiled.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/clock.h"
#include "symbols/perf_map.h"

/*
 * The time of a file may be a tick older than its write, and the system's clock may have been
 * corrected meanwhile.
 */
#define CLOCK_TOLERANCE_S 1

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

/* A map that is older than the process is that of another one, which had the same pid. */
static time_t written_since(const struct image *image)
{
	if (!image->start_ns)
		return 0;
	return (time_t)(clock_to_realtime(image->start_ns) / NSEC_PER_SEC) - CLOCK_TOLERANCE_S;
}

static const struct perf_map *map_of(struct compiled *compiled, uint32_t index, size_t *room)
{
	const struct image *image = &compiled->images->images[index];
	struct compiled_map *known = &compiled->maps[index];
	struct perf_map_place place = image->perf_map;
	char path[256];

	if (!known->is_read && compiled->folder) {
		place.pid = place.pid ? place.pid : image->pid;
		perf_map_place_path(&place, compiled->folder, path, sizeof(path));
		if (!perf_map_read(path, image->owner, written_since(image), *room, &known->map))
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
