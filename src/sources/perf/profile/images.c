/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/profile/images.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "core/hash_table.h"
#include "core/sorted.h"
#include "linux/process_names.h"
#include "linux/regular_file.h"

/*
 * Files that are kept open because their path leads elsewhere: the program was deleted, or has
 * another root.
 */
#define OPEN_FILES_MAX 64

/* Key of a binary: its build id, or device, inode and path. */
struct binary_key {
	UT_hash_handle hh;
	uint32_t binary;
	char bytes[];
};

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
	*images = (struct images){.root = root};
}

uint32_t images_add(struct images *images, uint32_t pid)
{
	if (images->n_images >= NO_IMAGE ||
	    !grow((void **)&images->images, images->n_images, &images->images_capacity,
	          sizeof(*images->images)))
		return NO_IMAGE;
	images->images[images->n_images] = (struct image){.pid = pid, .owner = (uid_t)-1};
	return (uint32_t)images->n_images++;
}

/* --- binaries --------------------------------------------------------------------------------- */

/* Returns the number of the binary, or NO_BINARY. */
static uint32_t add_binary(struct images *images)
{
	if (images->n_binaries >= NO_BINARY ||
	    !grow((void **)&images->binaries, images->n_binaries, &images->binaries_capacity,
	          sizeof(*images->binaries)))
		return NO_BINARY;
	images->binaries[images->n_binaries] = (struct binary){.fd = -1};
	return (uint32_t)images->n_binaries++;
}

static uint32_t find_key(struct binary_key *keys, const void *bytes, size_t n)
{
	const struct binary_key *key;

	HASH_FIND(hh, keys, bytes, n, key);
	return key ? key->binary : NO_BINARY;
}

/*
 * Without memory for the key, the binary is not found again, and the same file gets another number.
 */
static void add_key(struct binary_key **keys, const void *bytes, size_t n, uint32_t binary)
{
	struct binary_key *key = calloc(1, sizeof(*key) + n);

	if (!key)
		return;
	key->binary = binary;
	memcpy(key->bytes, bytes, n);
	HASH_ADD_KEYPTR(hh, *keys, key->bytes, n, key);
	if (!key->hh.tbl)
		free(key);
}

static void free_keys(struct binary_key **keys)
{
	struct binary_key *key, *next;

	HASH_ITER(hh, *keys, key, next)
	{
		HASH_DEL(*keys, key);
		free(key);
	}
}

uint32_t images_binary(struct images *images, const uint8_t build_id[BUILD_ID_SIZE])
{
	uint32_t index = find_key(images->by_build_id, build_id, BUILD_ID_SIZE);
	struct binary *binary;

	if (index != NO_BINARY)
		return index;
	index = add_binary(images);
	if (index == NO_BINARY)
		return NO_BINARY;
	binary = &images->binaries[index];
	memcpy(binary->build_id, build_id, BUILD_ID_SIZE);
	binary->has_build_id = true;
	add_key(&images->by_build_id, build_id, BUILD_ID_SIZE, index);
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
	seen = reallocarray(image->seen, image->n_seen + 1, sizeof(*seen));
	if (!seen)
		return; /* it stays an address */
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

bool images_find(const struct images *images, uint32_t index, uint64_t address, uint32_t *binary,
                 uint64_t *offset)
{
	const struct image *image = &images->images[index];
	const struct mapping *found = find_seen(image, address);

	if (!found)
		found = find_mapping(image, address);
	if (!found || found->binary == NO_BINARY)
		return false;
	*binary = found->binary;
	*offset = address - found->start + found->offset;
	return true;
}

bool images_has_own_code(const struct images *images, uint32_t index, uint64_t address)
{
	const struct mapping *found = find_mapping(&images->images[index], address);

	return found && found->binary == NO_BINARY;
}

/* --- /proc/PID/maps --------------------------------------------------------------------------- */

/* A line of maps; path is NULL if no file is mapped. */
struct map_line {
	uint64_t start, end, offset, device, inode;
	bool is_executable;
	char *path;
};

static bool parse_line(char *line, struct map_line *map)
{
	unsigned int major, minor;
	char permissions[5];
	int length = 0;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x %" SCNu64 " %n",
	           &map->start, &map->end, permissions, &map->offset, &major, &minor, &map->inode,
	           &length) < 7 ||
	    length == 0)
		return false;
	map->device = makedev(major, minor);
	map->is_executable = permissions[2] == 'x';
	map->path = line[length] ? line + length : NULL;
	return true;
}

/* Returns a descriptor, or a negative value if the path does not lead to the mapped file. */
static int open_mapped(const char *path, const struct map_line *map)
{
	struct stat status;
	const int fd = regular_file_open(path, 0, &status);

	if (fd < 0 || status.st_ino == map->inode)
		return fd;
	close(fd);
	return -ESTALE;
}

static bool is_mapped(const char *path, const struct map_line *map)
{
	struct stat status;

	return stat(path, &status) == 0 && status.st_ino == map->inode;
}

/*
 * Keep the file open if its path does not lead to it: it was deleted, or is in another mount
 * namespace. Paths in /proc vanish with the process.
 */
static void keep_open(struct images *images, uint32_t pid, struct binary *binary,
                      const struct map_line *map)
{
	char path[4200];

	if (binary->fd >= 0 || is_mapped(map->path, map) || images->n_open >= OPEN_FILES_MAX)
		return;
	/*
	 * map_files needs CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE; the other two need no
	 * capability.
	 */
	for (int way = 0; way < 3 && binary->fd < 0; way++) {
		if (way == 0)
			snprintf(path, sizeof(path), "%sproc/%" PRIu32 "/root%.4096s", images->root,
			         pid, map->path);
		else if (way == 1)
			snprintf(path, sizeof(path), "%sproc/%" PRIu32 "/exe", images->root, pid);
		else
			snprintf(path, sizeof(path),
			         "%sproc/%" PRIu32 "/map_files/%" PRIx64 "-%" PRIx64, images->root,
			         pid, map->start, map->end);
		binary->fd = open_mapped(path, map);
	}
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

/* The binary of the mapped file; NO_BINARY when memory ran out. */
static uint32_t binary_of_file(struct images *images, const struct image *image,
                               const struct map_line *map)
{
	uint32_t index = binary_seen_in(image, map), known;
	struct binary *binary;
	char *file;
	int n = asprintf(&file, "%" PRIx64 ":%" PRIx64 ":%s", map->device, map->inode, map->path);

	if (n < 0)
		return NO_BINARY;
	known = find_key(images->by_file, file, (size_t)n);
	if (index == NO_BINARY)
		index = known == NO_BINARY ? add_binary(images) : known;
	if (index != NO_BINARY && known == NO_BINARY)
		add_key(&images->by_file, file, (size_t)n, index);
	free(file);
	if (index == NO_BINARY)
		return NO_BINARY;
	binary = &images->binaries[index];
	if (!binary->path)
		binary->path = strdup(map->path);
	return index;
}

/* The binary that is mapped at the address; NO_BINARY if there is none, or memory ran out. */
static uint32_t mapped_binary(struct images *images, const struct image *image,
                              const struct map_line *map)
{
	uint32_t index;

	if (!map->path)
		return NO_BINARY;
	process_cut_deleted(map->path);
	index = binary_of_file(images, image, map);
	if (index != NO_BINARY && map->path[0] == '/')
		keep_open(images, image->pid, &images->binaries[index], map);
	return index;
}

static bool add_mapping(struct images *images, struct image *image, size_t *capacity,
                        const struct map_line *map)
{
	const uint32_t index = mapped_binary(images, image, map);

	if (!grow((void **)&image->mappings, image->n_mappings, capacity, sizeof(*image->mappings)))
		return false;
	image->mappings[image->n_mappings++] = (struct mapping){
		.start = map->start, .end = map->end, .offset = map->offset, .binary = index};
	return true;
}

/* A program maps its libraries one after another, some of them late. */
static bool is_time_to_read(struct image *image)
{
	const uint64_t misses = ++image->misses;

	return image->pid && (misses & (misses - 1)) == 0;
}

void images_read_maps(struct images *images, uint32_t index)
{
	struct image *image = &images->images[index];
	size_t capacity = 0, size = 0;
	char path[64], *line = NULL;
	struct stat status;
	FILE *file;

	if (!is_time_to_read(image))
		return;
	snprintf(path, sizeof(path), "%sproc/%" PRIu32 "/maps", images->root, image->pid);
	file = fopen(path, "re");
	if (!file)
		return;
	if (fstat(fileno(file), &status) == 0)
		image->owner = status.st_uid;
	free(image->mappings);
	image->mappings = NULL;
	image->n_mappings = 0;
	while (getline(&line, &size, file) > 0) {
		struct map_line map;

		if (parse_line(line, &map) && map.is_executable &&
		    !add_mapping(images, image, &capacity, &map))
			break;
	}
	free(line);
	fclose(file);
}

void images_fini(struct images *images)
{
	for (size_t i = 0; i < images->n_binaries; i++) {
		free(images->binaries[i].path);
		if (images->binaries[i].fd >= 0)
			close(images->binaries[i].fd);
	}
	for (size_t i = 0; i < images->n_images; i++) {
		free(images->images[i].mappings);
		free(images->images[i].seen);
	}
	free_keys(&images->by_build_id);
	free_keys(&images->by_file);
	free(images->binaries);
	free(images->images);
	*images = (struct images){.root = images->root};
}
