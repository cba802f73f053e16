/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds cgroups, v2 and v1, through the mounted cgroup file systems. */
#ifndef LINUX_CGROUP_H
#define LINUX_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

/* PATH_MAX */
#define CGROUP_PATH_SIZE 4096

struct cgroup {
	char directory[CGROUP_PATH_SIZE];
	const char *path;  /* the part of directory below the mount point, "/" for the root */
	uint64_t id;       /* inode number of the directory */
	int32_t hierarchy; /* its number in /proc/cgroups; 0: cgroup v2 */
};

/*
 * Find a cgroup by the path of its directory (/sys/fs/cgroup/system.slice), or by its path in a
 * hierarchy (/system.slice, system.slice), where cgroup v2 is tried first. Returns 0, -ENODEV if no
 * cgroup file system is mounted, -ENOENT if there is no such cgroup, -EINVAL if the path is
 * something else, or another negative errno.
 */
int cgroup_find(const char *path, struct cgroup *cgroup);

/*
 * Whether there are processes in the cgroup or below it. Returns 1 or 0, or a negative errno:
 * -EACCES if it may not be read.
 */
int cgroup_count(const char *directory);

/*
 * Whether the cgroup or one below it has processes that this pid namespace does not see: they are
 * listed as 0. False if it cannot be read. Only cgroup v2 lists them.
 */
bool cgroup_has_unseen(const char *directory);

/*
 * Call visit with the directory of each cgroup in each hierarchy, v2 first, until it returns
 * non-zero. Returns its last result, or a negative errno.
 */
int cgroup_for_each(int (*visit)(void *data, const char *directory), void *data);

#endif
