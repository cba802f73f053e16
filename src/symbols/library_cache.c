/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "symbols/library_cache.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "linux/regular_file.h"

/* The cache of a large machine has some hundred kilobytes. */
#define SIZE_MAX_BYTES ((off_t)16 * 1024 * 1024)

/* The format of glibc 2.2 and newer, the only one since 2.32: sysdeps/generic/dl-cache.h. */
#define MAGIC "glibc-ld.so.cache1.1"

struct header {
	char magic[sizeof(MAGIC) - 1];
	uint32_t n, strings_size;
	uint32_t unused[5];
};

struct entry {
	int32_t flags;
	uint32_t name, path; /* offsets in the file */
	uint32_t os_version;
	uint64_t hardware;
};

static void take_all(const char *bytes, size_t size,
                     void (*take)(void *data, const char *library), void *data)
{
	struct header header;
	size_t n = (size - sizeof(header)) / sizeof(struct entry);

	memcpy(&header, bytes, sizeof(header));
	n = header.n < n ? header.n : n;
	for (size_t i = 0; i < n; i++) {
		struct entry entry;

		memcpy(&entry, bytes + sizeof(header) + i * sizeof(entry), sizeof(entry));
		if (entry.path < size && memchr(bytes + entry.path, '\0', size - entry.path))
			take(data, bytes + entry.path);
	}
}

int library_cache_read(const char *path, void (*take)(void *data, const char *library), void *data)
{
	struct stat status;
	const int fd = regular_file_open(path, 0, &status);
	size_t size = 0;
	char *bytes;
	ssize_t n;
	int err = 0;

	if (fd < 0)
		return fd;
	bytes = status.st_size <= SIZE_MAX_BYTES ? malloc((size_t)status.st_size + 1) : NULL;
	if (bytes) {
		n = read(fd, bytes, (size_t)status.st_size);
		size = n > 0 ? (size_t)n : 0;
		if (size >= sizeof(struct header) && memcmp(bytes, MAGIC, strlen(MAGIC)) == 0)
			take_all(bytes, size, take, data);
		else
			err = -ENOEXEC;
	} else {
		err = -ENOMEM;
	}
	free(bytes);
	close(fd);
	return err;
}
