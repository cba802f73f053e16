/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which binary is mapped at which address. The kernel reports a frame in user space as a build id
 * and an offset in the file or, if it could not lock the memory map, as an address. The file at an
 * address is known from other samples of the same program with a build id, or from /proc/PID/maps
 * while the process lives.
 */
#ifndef SOURCES_PERF_PROFILE_IMAGES_H
#define SOURCES_PERF_PROFILE_IMAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "sources/perf/profile/mapped_file.h"
#include "sources/perf/profile/perf_map_place.h"

#define BUILD_ID_SIZE 20

#define NO_BINARY UINT32_MAX
#define NO_IMAGE UINT32_MAX

/* A file with executed code. */
struct binary {
	uint8_t build_id[BUILD_ID_SIZE];
	bool has_build_id;
	char *path; /* as mapped by the process; NULL: not known yet */
	struct file_version version; /* of the path when the memory map was read */
	int fd;       /* the open file; negative: none */
	bool is_lent; /* fd is that of another number of this file */
};

struct mapping {
	uint64_t start, end; /* addresses; start is first, for sorted_upto() */
	uint64_t offset;     /* of start, in the file */
	uint32_t binary;     /* NO_BINARY: code outside of any file */
	bool may_be_compiled; /* while the program ran: only the name looks like that of a file */
};

/* The memory of a process between two execs. */
struct image {
	uint32_t pid;
	uint64_t start_ns;              /* of the process, CLOCK_MONOTONIC; 0: not known */
	struct perf_map_place perf_map; /* if it has code outside of files */
	uint32_t origin;          /* its creator's, of which it began as a copy; NO_IMAGE: none */
	uint32_t generation;      /* number of its origins */
	bool is_over;             /* the process has executed another program since */
	uid_t owner;              /* the user who runs it; (uid_t)-1: unknown */
	uint64_t misses;          /* number of failed look-ups */
	struct mapping *mappings; /* from /proc/PID/maps, in ascending order */
	size_t n_mappings;
	struct mapping *seen; /* from samples: start and end were seen; without overlaps */
	size_t n_seen;
};

struct binary_key; /* private to images.c */

struct images {
	struct binary *binaries;
	size_t n_binaries, binaries_capacity;
	struct binary_key *by_build_id, *by_file;
	size_t n_open, open_max; /* number of open files */
	struct image *images;
	size_t n_images, images_capacity;
	size_t n_mappings; /* of all images, seen and read */
	const char *root; /* "/", or where tests have created proc/ */
};

void images_init(struct images *images, const char *root);
void images_fini(struct images *images);

/*
 * Add the image of a process, which started at start_ns (CLOCK_MONOTONIC; 0: not known); origin:
 * that of its creator, if it has not executed a program itself, else NO_IMAGE. Returns NO_IMAGE
 * when memory ran out.
 */
uint32_t images_add(struct images *images, uint32_t pid, uint64_t start_ns, uint32_t origin);

/* The process has executed another program: its memory map is no longer that of the image. */
void images_end(struct images *images, uint32_t image);

/* The binary with a build id; NO_BINARY when memory ran out. */
uint32_t images_binary(struct images *images, const uint8_t build_id[BUILD_ID_SIZE]);

/* A sample shows that this address is that offset in the binary. */
void images_learn(struct images *images, uint32_t image, uint64_t address, uint32_t binary,
                  uint64_t offset);

/*
 * Find the binary and offset at the address, in the image or in those that it began as a copy of.
 * Returns false if they are unknown. What samples have shown also holds between the addresses that
 * were seen.
 */
bool images_find(const struct images *images, uint32_t image, uint64_t address, uint32_t *binary,
                 uint64_t *offset);

/*
 * Whether the code at the address may have been compiled while the program ran, although it has a
 * binary.
 */
bool images_may_be_compiled(const struct images *images, uint32_t image, uint64_t address);

/* Whether a file is known at the address in this image, without those that it is a copy of. */
bool images_is_file(const struct images *images, uint32_t image, uint64_t address);

/* Whether the address has code outside of any file: compiled while the program ran. */
bool images_has_own_code(const struct images *images, uint32_t image, uint64_t address);

/*
 * A sample shows that this address is that offset in the binary, whose path is unknown: take it
 * from the memory map as it was read. Returns false if it does not have it.
 */
bool images_take_path(struct images *images, uint32_t image, uint64_t address, uint32_t binary,
                      uint64_t offset);

/*
 * After a failed look-up: read /proc/PID/maps, if the process or its creator lives, at the first
 * such call for an image, the second, the fourth, and so on. It also gives the paths of binaries
 * that are known by their build ids.
 */
void images_read_maps(struct images *images, uint32_t image);

#endif
