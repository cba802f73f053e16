/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/profile/perf_map_place.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "linux/process_status.h"

static bool is_own_tmp(int folder)
{
	struct stat its, own;

	return fstat(folder, &its) || stat("/tmp", &own) ||
	       (its.st_dev == own.st_dev && its.st_ino == own.st_ino);
}

/* A link at /tmp would lead to a folder of the agent's root. */
static int open_tmp(uint32_t pid)
{
	char path[40];
	int its_root, folder = -1;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/root", pid);
	its_root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (its_root >= 0) {
		folder = openat(its_root, "tmp", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(its_root);
	}
	return folder;
}

void perf_map_place_find(uint32_t pid, struct perf_map_place *place)
{
	place->pid = process_inner_pid(pid);
	place->folder = open_tmp(pid);
	if (place->folder >= 0 && is_own_tmp(place->folder)) {
		close(place->folder);
		place->folder = -1;
	}
}

void perf_map_place_path(const struct perf_map_place *place, const char *folder, char *path,
                         size_t size)
{
	if (place->folder >= 0)
		snprintf(path, size, "/proc/self/fd/%d/perf-%" PRIu32 ".map", place->folder,
		         place->pid);
	else
		snprintf(path, size, "%s/perf-%" PRIu32 ".map", folder, place->pid);
}
