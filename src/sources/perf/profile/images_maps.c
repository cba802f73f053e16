/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a process has mapped, from /proc/PID/maps. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sources/perf/profile/binary_keys.h"
#include "sources/perf/profile/images_parts.h"

/*
 * Keep the file open: its path may not lead to it any more when it is read. Paths in /proc vanish
 * with the process. Half of the files may be such that are at their paths now; the others were
 * deleted, or are in another mount namespace.
 */
static void keep_open(struct images *images, uint32_t pid, struct binary *binary,
                      const struct map_line *map, bool is_at_path)
{
	if (binary->fd >= 0 || images->n_open >= images->open_max / (is_at_path ? 2 : 1))
		return;
	binary->fd = mapped_file_open(map, pid, images->root);
	images->n_open += binary->fd >= 0;
}

/* A binary that samples have identified by its build id is mapped here: take its path. */
static uint32_t binary_seen_in(const struct image *image, const struct map_line *map)
{
	for (size_t i = 0; i < image->n_seen; i++) {
		const struct mapping *seen = &image->seen[i];

		if (seen->start >= map->start && seen->start < map->end &&
		    seen->start - seen->offset == map->start - map->offset)
			return seen->binary;
	}
	return NO_BINARY;
}

/* The binary of the mapped file; NO_BINARY when memory ran out. version: of its path. */
static uint32_t binary_of_file(struct images *images, const struct image *image,
                               const struct map_line *map, const struct file_version *version)
{
	uint32_t index = binary_seen_in(image, map), known;
	struct binary *binary;
	char *file;
	int n = asprintf(&file, "%" PRIx64 ":%" PRIx64 ":%" PRIx64 ":%lld.%09ld:%s", map->device,
	                 map->inode, version->size, (long long)version->modified.tv_sec,
	                 version->modified.tv_nsec, map->path);

	if (n < 0)
		return NO_BINARY;
	known = binary_key_find(images->by_file, file, (size_t)n);
	if (index == NO_BINARY)
		index = known == NO_BINARY ? images_add_binary(images) : known;
	if (index != NO_BINARY && known == NO_BINARY)
		binary_key_add(&images->by_file, file, (size_t)n, index);
	free(file);
	if (index == NO_BINARY)
		return NO_BINARY;
	binary = &images->binaries[index];
	if (!binary->path) {
		binary->path = strdup(map->path);
		binary->version = *version;
	}
	if (known != NO_BINARY && known != index)
		images_lend(&images->binaries[known], binary);
	return index;
}

/* The binary that is mapped at the address; NO_BINARY if there is none, or memory ran out. */
static uint32_t mapped_binary(struct images *images, const struct image *image, uint32_t pid,
                              const struct map_line *map)
{
	struct file_version version = {.is_known = false};
	bool is_at_path = true;
	uint32_t index;

	if (!map->path)
		return NO_BINARY;
	if (map->path[0] == '/')
		is_at_path = mapped_file_is_at_path(map, &version);
	index = binary_of_file(images, image, map, &version);
	if (index != NO_BINARY && map->path[0] == '/')
		keep_open(images, pid, &images->binaries[index], map, is_at_path);
	return index;
}

static bool add_mapping(struct images *images, struct image *image, size_t *capacity, uint32_t pid,
                        const struct map_line *map)
{
	const uint32_t index = mapped_binary(images, image, pid, map);

	if (images->n_mappings >= MAPPINGS_MAX ||
	    !images_grow((void **)&image->mappings, image->n_mappings, capacity,
	                 sizeof(*image->mappings)))
		return false;
	image->mappings[image->n_mappings++] = (struct mapping){
		.start = map->start,
		.end = map->end,
		.offset = map->offset,
		.binary = index,
		.may_be_compiled = map_line_may_be_compiled(map),
	};
	images->n_mappings++;
	return true;
}

/* A program maps its libraries one after another, some of them late. */
static bool is_time_to_read(struct image *image)
{
	const uint64_t misses = ++image->misses;

	return (misses & (misses - 1)) == 0;
}

static FILE *open_maps(const struct images *images, const struct image *image)
{
	char path[64];

	if (!image->pid || image->is_over)
		return NULL;
	snprintf(path, sizeof(path), "%sproc/%" PRIu32 "/maps", images->root, image->pid);
	return fopen(path, "re");
}

/* The process may have ended when the names of the code that it has compiled are read. */
static void find_perf_map(struct images *images, struct image *image)
{
	bool has_code = false;

	for (size_t i = 0; i < image->n_mappings && !has_code; i++)
		has_code = image->mappings[i].binary == NO_BINARY ||
		           image->mappings[i].may_be_compiled;
	if (!has_code || image->perf_map.pid || images->n_open >= images->open_max)
		return;
	perf_map_place_find(image->pid, &image->perf_map);
	images->n_open += image->perf_map.folder >= 0;
}

/* A process that has ended had what its creator still has. */
void images_read_maps(struct images *images, uint32_t index)
{
	struct image *image = &images->images[index];
	const struct image *read = image;
	size_t capacity = 0, size = 0;
	char *line = NULL;
	struct stat status;
	FILE *file = NULL;

	if (!is_time_to_read(image))
		return;
	while (!(file = open_maps(images, read)) && read->origin != NO_IMAGE)
		read = &images->images[read->origin];
	if (!file)
		return;
	if (fstat(fileno(file), &status) == 0)
		image->owner = status.st_uid;
	free(image->mappings);
	images->n_mappings -= image->n_mappings;
	image->mappings = NULL;
	image->n_mappings = 0;
	while (getline(&line, &size, file) > 0) {
		struct map_line map;

		if (map_line_parse(line, &map) && map.is_executable &&
		    !add_mapping(images, image, &capacity, read->pid, &map))
			break;
	}
	free(line);
	fclose(file);
	if (read == image)
		find_perf_map(images, image);
}
