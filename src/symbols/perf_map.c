/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "symbols/perf_map.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/sorted.h"
#include "linux/regular_file.h"
#include "linux/trust.h"

/* The map of a large Java program has some ten megabytes. */
#define SIZE_LIMIT ((off_t)256 * 1024 * 1024)

/* Approximate overhead of malloc() for a name. */
#define ALLOCATION 16

/* Longer lines are truncated. Names of Java methods may have some hundred characters. */
#define LINE_SIZE 4096

/* A function that was compiled again has another line later in the file. */
struct function {
	uint64_t start, end; /* start is first, for sorted_upto() */
	char *name;
	size_t order;
};

struct perf_map {
	struct function *functions;
	size_t n, capacity;
	size_t size, room; /* memory in use, and its limit, in bytes */
};

static int add(struct perf_map *map, uint64_t start, uint64_t size, const char *name)
{
	const size_t taken = sizeof(*map->functions) + strlen(name) + ALLOCATION;
	char *copy;

	if (taken > map->room - map->size)
		return -EFBIG;
	map->size += taken;
	if (map->n == map->capacity) {
		const size_t room = map->capacity ? 2 * map->capacity : 256;
		struct function *grown = reallocarray(map->functions, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		map->functions = grown;
		map->capacity = room;
	}
	copy = strdup(name);
	if (!copy)
		return -ENOMEM;
	map->functions[map->n] = (struct function){
		.start = start, .end = start + size, .name = copy, .order = map->n};
	map->n++;
	return 0;
}

static int take_line(struct perf_map *map, char *line)
{
	uint64_t start, size;
	char *at = line;

	start = strtoull(at, &at, 16);
	if (*at != ' ')
		return 0;
	size = strtoull(at, &at, 16);
	if (*at != ' ' || !at[1] || !size)
		return 0;
	return add(map, start, size, at + 1);
}

/*
 * Read a line without its line break, truncated if it is too long, and subtract its length from
 * *left. Returns false at the end of the file, or when nothing is left: the program may still be
 * writing.
 */
static bool read_line(FILE *file, char line[static LINE_SIZE], off_t *left)
{
	size_t n = 0;
	int c = EOF;

	while (*left > 0 && (c = getc_unlocked(file)) != EOF && c != '\n') {
		--*left;
		if (n < LINE_SIZE - 1)
			line[n++] = (char)c;
	}
	*left -= c == '\n';
	line[n] = '\0';
	return n > 0 || c == '\n';
}

static int compare(const void *a, const void *b)
{
	const struct function *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* Check the owner: anybody may create a file with that name in /tmp. */
static FILE *open_map(const char *path, uid_t owner, time_t since, off_t *size)
{
	struct stat status;
	const int fd = regular_file_open(path, O_NOFOLLOW, &status);
	FILE *file;

	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	*size = status.st_size;
	if (!trust_is_own(status.st_uid) && status.st_uid != owner)
		errno = EPERM;
	else if (status.st_mtim.tv_sec < since)
		errno = ESTALE;
	else if (status.st_size > SIZE_LIMIT)
		errno = EFBIG;
	else if ((file = fdopen(fd, "r")))
		return file;
	close(fd);
	return NULL;
}

int perf_map_read(const char *path, uid_t owner, time_t since, size_t room,
                  struct perf_map **result)
{
	struct perf_map *map;
	char line[LINE_SIZE];
	off_t left = 0;
	FILE *file = open_map(path, owner, since, &left);
	int err = 0;

	*result = NULL;
	if (!file)
		return errno ? -errno : -EIO;
	map = calloc(1, sizeof(*map));
	if (map)
		map->room = room;
	else
		err = -ENOMEM;
	while (!err && read_line(file, line, &left))
		err = take_line(map, line);
	fclose(file);
	if (err) {
		perf_map_free(map);
		return err;
	}
	if (map->n > 0)
		qsort(map->functions, map->n, sizeof(*map->functions), compare);
	*result = map;
	return 0;
}

size_t perf_map_size(const struct perf_map *map)
{
	return map->size;
}

void perf_map_free(struct perf_map *map)
{
	if (!map)
		return;
	for (size_t i = 0; i < map->n; i++)
		free(map->functions[i].name);
	free(map->functions);
	free(map);
}

const char *perf_map_name(const struct perf_map *map, uint64_t address)
{
	const size_t n = sorted_upto(map->functions, map->n, sizeof(*map->functions), address);

	return n > 0 && address < map->functions[n - 1].end ? map->functions[n - 1].name : NULL;
}
