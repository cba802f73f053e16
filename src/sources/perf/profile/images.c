/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/profile/images.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/sorted.h"
#include "sources/perf/profile/binary_keys.h"
#include "sources/perf/profile/images_parts.h"

/* Images that began as copies of each other, to search for an address. */
#define GENERATIONS_MAX 16

/*
 * Limits of memory. With crafted frame pointers, the measured user chooses which code is seen: what
 * exceeds them stays an address.
 */
#define SEEN_MAX 4096
#define BINARIES_MAX 250000

bool images_grow(void **items, size_t n, size_t *capacity, size_t size)
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
	    !images_grow((void **)&images->images, images->n_images, &images->images_capacity,
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

uint32_t images_add_binary(struct images *images)
{
	if (images->n_binaries >= BINARIES_MAX ||
	    !images_grow((void **)&images->binaries, images->n_binaries, &images->binaries_capacity,
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
	index = images_add_binary(images);
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

void images_lend(const struct binary *from, struct binary *to)
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
	images_lend(from, to);
	return to->path != NULL;
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
