/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/profile/images.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/sorted.h"
#include "sources/perf/profile/binary_keys.h"

/* Images that began as copies of each other, to search for an address. */
#define GENERATIONS_MAX 16

/*
 * Limits of memory. The measured user chooses how much code is mapped, and with crafted frame
 * pointers which of it is seen: what exceeds them stays an address.
 */
#define MAPPINGS_MAX ((size_t)1 << 20)
#define SEEN_MAX 4096
#define BINARIES_MAX 250000

static bool grow(void **items, size_t n, size_t *capacity, size_t size)
{
	void *grown;
	size_t room;

	if (n < *capacity)
		return true;
	room = *capacity ? 2 * *capacity : 16;
	grown = reallocarray(*items, room, size);
	if (!grown)
		return false;
	*items = grown;
	*capacity = room;
	return true;
}

void images_init(struct images *images, const char *root)
{
	*images = (struct images){.root = root, .open_max = mapped_files_max()};
}

uint32_t images_add(struct images *images, uint32_t pid, uint64_t start_ns, uint32_t origin)
{
	struct image image = {.pid = pid,
	                      .start_ns = start_ns,
	                      .perf_map = {.folder = -1},
	                      .owner = (uid_t)-1,
	                      .origin = NO_IMAGE};

	if (images->n_images >= NO_IMAGE ||
	    !grow((void **)&images->images, images->n_images, &images->images_capacity,
	          sizeof(*images->images)))
		return NO_IMAGE;
	if (origin != NO_IMAGE && images->images[origin].generation < GENERATIONS_MAX) {
		image.origin = origin;
		image.generation = images->images[origin].generation + 1;
		image.owner = images->images[origin].owner;
	}
	images->images[images->n_images] = image;
	return (uint32_t)images->n_images++;
}

void images_end(struct images *images, uint32_t image)
{
	images->images[image].is_over = true;
}

/* --- binaries --------------------------------------------------------------------------------- */

/* Returns the number of the binary, or NO_BINARY. */
static uint32_t add_binary(struct images *images)
{
	if (images->n_binaries >= BINARIES_MAX ||
	    !grow((void **)&images->binaries, images->n_binaries, &images->binaries_capacity,
	          sizeof(*images->binaries)))
		return NO_BINARY;
	images->binaries[images->n_binaries] = (struct binary){.fd = -1};
	return (uint32_t)images->n_binaries++;
}

uint32_t images_binary(struct images *images, const uint8_t build_id[BUILD_ID_SIZE])
{
	uint32_t index = binary_key_find(images->by_build_id, build_id, BUILD_ID_SIZE);
	struct binary *binary;

	if (index != NO_BINARY)
		return index;
	index = add_binary(images);
	if (index == NO_BINARY)
		return NO_BINARY;
	binary = &images->binaries[index];
	memcpy(binary->build_id, build_id, BUILD_ID_SIZE);
	binary->has_build_id = true;
	binary_key_add(&images->by_build_id, build_id, BUILD_ID_SIZE, index);
	return index;
}

/* --- what samples show ------------------------------------------------------------------------ */

void images_learn(struct images *images, uint32_t index, uint64_t address, uint32_t binary,
                  uint64_t offset)
{
	struct image *image = &images->images[index];
	struct mapping *seen;

	for (size_t i = 0; i < image->n_seen; i++) {
		seen = &image->seen[i];
		if (seen->binary != binary || seen->start - seen->offset != address - offset)
			continue;
		if (address < seen->start) {
			seen->start = address;
			seen->offset = offset;
		}
		if (address >= seen->end)
			seen->end = address + 1;
		return;
	}
	if (image->n_seen >= SEEN_MAX || images->n_mappings >= MAPPINGS_MAX)
		return;
	seen = reallocarray(image->seen, image->n_seen + 1, sizeof(*seen));
	if (!seen)
		return; /* it stays an address */
	images->n_mappings++;
	image->seen = seen;
	seen[image->n_seen++] = (struct mapping){
		.start = address, .end = address + 1, .offset = offset, .binary = binary};
}

static const struct mapping *find_seen(const struct image *image, uint64_t address)
{
	for (size_t i = 0; i < image->n_seen; i++) {
		if (address >= image->seen[i].start && address < image->seen[i].end)
			return &image->seen[i];
	}
	return NULL;
}

static const struct mapping *find_mapping(const struct image *image, uint64_t address)
{
	const size_t n =
		sorted_upto(image->mappings, image->n_mappings, sizeof(*image->mappings), address);
	const struct mapping *last = n > 0 ? &image->mappings[n - 1] : NULL;

	return last && address < last->end ? last : NULL;
}

static const struct mapping *find_own(const struct image *image, uint64_t address)
{
	const struct mapping *found = find_seen(image, address);

	return found ? found : find_mapping(image, address);
}

/* What is at an address, in the image or those that it began as a copy of. */
static const struct mapping *find_any(const struct images *images, uint32_t index, uint64_t address)
{
	const struct mapping *found = NULL;

	while (!found && index != NO_IMAGE) {
		const struct image *image = &images->images[index];

		found = find_own(image, address);
		/* A memory map that was read has all that was left of its origin's. */
		index = image->n_mappings > 0 ? NO_IMAGE : image->origin;
	}
	return found;
}

bool images_find(const struct images *images, uint32_t index, uint64_t address, uint32_t *binary,
                 uint64_t *offset)
{
	const struct mapping *found = find_any(images, index, address);

	if (!found || found->binary == NO_BINARY)
		return false;
	*binary = found->binary;
	*offset = address - found->start + found->offset;
	return true;
}

bool images_has_own_code(const struct images *images, uint32_t index, uint64_t address)
{
	const struct mapping *found = find_any(images, index, address);

	return found && found->binary == NO_BINARY;
}

bool images_may_be_compiled(const struct images *images, uint32_t index, uint64_t address)
{
	const struct mapping *found = find_any(images, index, address);

	return found && found->may_be_compiled;
}

bool images_is_file(const struct images *images, uint32_t index, uint64_t address)
{
	const struct mapping *found = find_own(&images->images[index], address);

	return found && found->binary != NO_BINARY;
}

/* --- /proc/PID/maps --------------------------------------------------------------------------- */

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

/* The same file has another number, under which it may be open. */
static void lend(const struct binary *from, struct binary *to)
{
	if (to->fd >= 0 || from->fd < 0)
		return;
	to->fd = from->fd;
	to->is_lent = true;
}

bool images_take_path(struct images *images, uint32_t image, uint64_t address, uint32_t binary,
                      uint64_t offset)
{
	const struct mapping *found = find_mapping(&images->images[image], address);
	struct binary *to = &images->binaries[binary];
	const struct binary *from;

	if (!found || found->binary == NO_BINARY || found->binary == binary ||
	    address - found->start + found->offset != offset)
		return false;
	from = &images->binaries[found->binary];
	if (!from->path || from->has_build_id)
		return false;
	to->path = strdup(from->path);
	to->version = from->version;
	lend(from, to);
	return to->path != NULL;
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
		index = known == NO_BINARY ? add_binary(images) : known;
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
		lend(&images->binaries[known], binary);
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
	    !grow((void **)&image->mappings, image->n_mappings, capacity, sizeof(*image->mappings)))
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

void images_fini(struct images *images)
{
	for (size_t i = 0; i < images->n_binaries; i++) {
		free(images->binaries[i].path);
		if (images->binaries[i].fd >= 0 && !images->binaries[i].is_lent)
			close(images->binaries[i].fd);
	}
	for (size_t i = 0; i < images->n_images; i++) {
		if (images->images[i].perf_map.folder >= 0)
			close(images->images[i].perf_map.folder);
		free(images->images[i].mappings);
		free(images->images[i].seen);
	}
	binary_keys_free(&images->by_build_id);
	binary_keys_free(&images->by_file);
	free(images->binaries);
	free(images->images);
	*images = (struct images){.root = images->root};
}
