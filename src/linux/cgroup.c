/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "linux/small_file.h"

#define MOUNTS_MAX 32

struct mounts {
	struct mount {
		char directory[256];
		int32_t hierarchy;
	} items[MOUNTS_MAX];
	size_t n;
};

/* --- hierarchies ------------------------------------------------------------------------------ */

/*
 * Whether a list of controllers, "cpu,cpuacct", and the options of a mount,
 * "rw,relatime,cpu,cpuacct", are of the same hierarchy.
 */
static bool is_hierarchy(const char *controllers, const struct mntent *mount)
{
	char word[64];
	const size_t n = strcspn(controllers, ",");

	if (!n || n >= sizeof(word))
		return false;
	snprintf(word, sizeof(word), "%.*s", (int)n, controllers);
	return hasmntopt(mount, word) != NULL;
}

/* The hierarchy's number in /proc/self/cgroup: "4:memory:/", "0::/"; -1: not there. */
static int32_t hierarchy_of(const struct mntent *mount)
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char line[CGROUP_PATH_SIZE + 128];
	int32_t found = -1;

	if (!file)
		return -1;
	while (found < 0 && fgets(line, sizeof(line), file)) {
		char *controllers = strchr(line, ':');
		char *end = controllers ? strchr(controllers + 1, ':') : NULL;

		if (!end)
			continue;
		*end = '\0';
		if (is_hierarchy(controllers + 1, mount))
			found = (int32_t)atoi(line);
	}
	fclose(file);
	return found;
}

static void add_mount(struct mounts *mounts, const struct mntent *mount, int32_t hierarchy)
{
	struct mount *item = &mounts->items[mounts->n];

	if (mounts->n == MOUNTS_MAX || hierarchy < 0 ||
	    strlen(mount->mnt_dir) >= sizeof(item->directory))
		return;
	snprintf(item->directory, sizeof(item->directory), "%s", mount->mnt_dir);
	item->hierarchy = hierarchy;
	mounts->n++;
}

/* Add cgroup v2 first, which has all tasks on current systems. */
static int read_mounts(struct mounts *mounts)
{
	mounts->n = 0;
	for (int version = 2; version >= 1; version--) {
		FILE *file = setmntent("/proc/self/mounts", "re");
		struct mntent *mount;

		if (!file)
			return -errno;
		while ((mount = getmntent(file))) {
			if (version == 2 && strcmp(mount->mnt_type, "cgroup2") == 0)
				add_mount(mounts, mount, 0);
			if (version == 1 && strcmp(mount->mnt_type, "cgroup") == 0)
				add_mount(mounts, mount, hierarchy_of(mount));
		}
		endmntent(file);
	}
	return mounts->n ? 0 : -ENODEV;
}

/* --- one cgroup ------------------------------------------------------------------------------- */

/* The part of the path below the mount point; NULL: it is elsewhere. */
static const char *below(const char *path, const char *directory)
{
	const size_t n = strlen(directory);

	if (strncmp(path, directory, n) != 0 || (path[n] && path[n] != '/'))
		return NULL;
	return path[n] ? path + n : "/";
}

static int try_path(const struct mount *mount, const char *path, struct cgroup *cgroup)
{
	const char *inside = below(path, mount->directory);
	struct stat status;
	size_t n;

	n = (size_t)snprintf(cgroup->directory, sizeof(cgroup->directory), "%s%s%s",
	                     mount->directory, inside || path[0] == '/' ? "" : "/",
	                     inside ? inside : path);
	if (n >= sizeof(cgroup->directory))
		return -ENAMETOOLONG;
	while (n > 1 && cgroup->directory[n - 1] == '/')
		cgroup->directory[--n] = '\0';
	if (stat(cgroup->directory, &status))
		return -errno;
	if (!S_ISDIR(status.st_mode))
		return -EINVAL;
	cgroup->id = status.st_ino;
	cgroup->hierarchy = mount->hierarchy;
	cgroup->path = cgroup->directory + strlen(mount->directory);
	cgroup->path = *cgroup->path ? cgroup->path : "/";
	return 0;
}

int cgroup_find(const char *path, struct cgroup *cgroup)
{
	struct mounts mounts;
	struct stat status;
	int err = read_mounts(&mounts), result = -ENOENT;

	if (err)
		return err;
	for (size_t i = 0; i < mounts.n; i++) {
		err = try_path(&mounts.items[i], path, cgroup);
		if (!err)
			return 0;
		if (err != -ENOENT && err != -ENOTDIR)
			result = err;
	}
	if (result == -ENOENT && path[0] == '/' && !stat(path, &status))
		return -EINVAL;
	return result;
}

int cgroup_count(const char *directory)
{
	char path[CGROUP_PATH_SIZE];
	struct dirent *entry;
	char first;
	DIR *dir;
	int found;

	snprintf(path, sizeof(path), "%s/cgroup.procs", directory);
	found = (int)small_file_read(AT_FDCWD, path, &first, 1);
	if (found == -EOPNOTSUPP) /* a threaded cgroup: its processes are listed above it */
		found = 0;
	if (found < 0)
		return found;
	dir = found ? NULL : opendir(directory);
	while (dir && !found && (entry = readdir(dir))) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name) <
		    sizeof(path))
			found = cgroup_count(path);
		found = found == -ENOENT ? 0 : found; /* removed meanwhile */
	}
	if (dir)
		closedir(dir);
	return found;
}

/* --- all of them ------------------------------------------------------------------------------ */

static int walk(const char *directory, int (*visit)(void *data, const char *directory), void *data)
{
	char path[CGROUP_PATH_SIZE];
	DIR *dir = opendir(directory);
	struct dirent *entry;
	int result = 0;

	while (dir && !result && (entry = readdir(dir))) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name) >=
		    sizeof(path))
			continue;
		result = visit(data, path);
		if (!result)
			result = walk(path, visit, data);
	}
	if (dir)
		closedir(dir);
	return result;
}

/* In cgroup v2; v1 does not list such processes at all. */
static int find_unseen(void *data, const char *directory)
{
	char path[CGROUP_PATH_SIZE + sizeof("/cgroup.procs")], *line = NULL;
	bool *is_found = data;
	size_t room = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/cgroup.procs", directory);
	file = fopen(path, "re");
	while (file && !*is_found && getline(&line, &room, file) > 0)
		*is_found = strcmp(line, "0\n") == 0;
	free(line);
	if (file)
		fclose(file);
	return *is_found;
}

bool cgroup_has_unseen(const char *directory)
{
	bool is_found = false;

	if (!find_unseen(&is_found, directory))
		walk(directory, find_unseen, &is_found);
	return is_found;
}

int cgroup_for_each(int (*visit)(void *data, const char *directory), void *data)
{
	struct mounts mounts;
	int result = read_mounts(&mounts);

	for (size_t i = 0; i < mounts.n && !result; i++)
		result = walk(mounts.items[i].directory, visit, data);
	return result;
}
