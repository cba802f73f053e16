/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/profile/mapped_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "linux/process_names.h"
#include "linux/regular_file.h"

/*
 * Files that are kept open, as their path may lead elsewhere, or does: the program was deleted, or
 * has another root, as in a container. They may take this part of the descriptors.
 */
#define OPEN_FILES_MAX 1024
#define OPEN_FILES_PART 4

bool map_line_parse(char *line, struct map_line *map)
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
	if (map->path)
		process_cut_deleted(map->path);
	return true;
}

bool map_line_may_be_compiled(const struct map_line *map)
{
	/* memfd_create(), shared anonymous memory, huge pages, shmget(), prctl(PR_SET_VMA). */
	static const char *const names[] = {"/memfd:", "/dev/zero", "/anon_hugepage", "/SYSV",
	                                    "[anon",   "[heap]",    "[stack"};

	for (size_t i = 0; map->path && i < sizeof(names) / sizeof(names[0]); i++) {
		if (strncmp(map->path, names[i], strlen(names[i])) == 0)
			return true;
	}
	return false;
}

static struct file_version version_of(const struct stat *status)
{
	return (struct file_version){
		.is_known = true,
		.device = status->st_dev,
		.inode = status->st_ino,
		.size = (uint64_t)status->st_size,
		.modified = status->st_mtim,
	};
}

bool mapped_file_is_at_path(const struct map_line *map, struct file_version *version)
{
	struct stat status;

	*version = (struct file_version){.is_known = false};
	if (stat(map->path, &status))
		return false;
	if (status.st_ino == map->inode || status.st_dev != map->device)
		*version = version_of(&status);
	return status.st_ino == map->inode;
}

/* Returns a descriptor, or a negative errno if the path does not lead to the mapped file. */
static int open_mapped(const char *path, const struct map_line *map)
{
	struct stat status;
	const int fd = regular_file_open(path, 0, &status);

	if (fd < 0 || status.st_ino == map->inode)
		return fd;
	close(fd);
	return -ESTALE;
}

size_t mapped_files_max(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur / OPEN_FILES_PART > OPEN_FILES_MAX)
		return OPEN_FILES_MAX;
	return limit.rlim_cur / OPEN_FILES_PART;
}

int mapped_file_open(const struct map_line *map, uint32_t pid, const char *root)
{
	char path[4200];
	int fd = -ENOENT;

	/*
	 * map_files needs CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE; the others need no capability.
	 */
	for (int way = 0; way < 4 && fd < 0; way++) {
		if (way == 0)
			snprintf(path, sizeof(path), "%.4096s", map->path);
		else if (way == 1)
			snprintf(path, sizeof(path), "%sproc/%" PRIu32 "/root%.4096s", root, pid,
			         map->path);
		else if (way == 2)
			snprintf(path, sizeof(path), "%sproc/%" PRIu32 "/exe", root, pid);
		else
			snprintf(path, sizeof(path),
			         "%sproc/%" PRIu32 "/map_files/%" PRIx64 "-%" PRIx64, root, pid,
			         map->start, map->end);
		fd = open_mapped(path, map);
	}
	return fd;
}

bool file_version_is(const struct file_version *version, int fd)
{
	struct file_version found;
	struct stat status;

	if (!version->is_known || fstat(fd, &status))
		return false;
	found = version_of(&status);
	return found.device == version->device && found.inode == version->inode &&
	       found.size == version->size && found.modified.tv_sec == version->modified.tv_sec &&
	       found.modified.tv_nsec == version->modified.tv_nsec;
}

int file_version_open(const struct file_version *version, const char *path)
{
	const int fd = version->is_known ? regular_file_open(path, 0, NULL) : -ESTALE;

	if (fd < 0 || file_version_is(version, fd))
		return fd;
	close(fd);
	return -ESTALE;
}
