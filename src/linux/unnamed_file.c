/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/unnamed_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define NAME_SIZE 64

static void name_of_descriptor(int fd, char name[static NAME_SIZE])
{
	snprintf(name, NAME_SIZE, "/proc/self/fd/%d", fd);
}

/* A file that is mounted there, as into a container, cannot be replaced. */
static bool is_mounted(const struct trusted_name *place)
{
	struct statx status;

	return statx(place->folder, place->name, AT_SYMLINK_NOFOLLOW, 0, &status) == 0 &&
	       status.stx_attributes & STATX_ATTR_MOUNT_ROOT;
}

static bool is_replaceable(const struct trusted_name *place, const struct stat *existing)
{
	return S_ISREG(existing->st_mode) && existing->st_nlink == 1 && !place->is_magic &&
	       !is_mounted(place);
}

/*
 * Whether it can get its name: with another effective user, the links in /proc may be out of reach.
 */
static bool is_reachable(int fd)
{
	char name[NAME_SIZE], target[1];

	name_of_descriptor(fd, name);
	return readlink(name, target, sizeof(target)) > 0;
}

int unnamed_file_create(const struct trusted_name *place, const struct stat *existing)
{
	bool fits;
	int fd;

	if (existing && !is_replaceable(place, existing))
		return -1;
	fd = openat(place->folder, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
	if (fd < 0)
		return -1;
	fits = is_reachable(fd);
	if (fits && existing)
		fits = fchown(fd, existing->st_uid, existing->st_gid) == 0 &&
		       fchmod(fd, existing->st_mode & 07777) == 0;
	if (fits)
		return fd;
	close(fd);
	return -1;
}

/* linkat() does not replace: the file gets another name first, then that of the existing one. */
static int replace(const struct trusted_name *place, const char *unnamed)
{
	char name[NAME_SIZE];
	int err;

	snprintf(name, sizeof(name), ".alumet-agent.%d.new", (int)getpid());
	if (linkat(AT_FDCWD, unnamed, place->folder, name, AT_SYMLINK_FOLLOW) < 0)
		return -errno;
	if (renameat(place->folder, name, place->folder, place->name) == 0)
		return 0;
	err = -errno;
	unlinkat(place->folder, name, 0);
	return err;
}

int unnamed_file_give_name(int fd, const struct trusted_name *place, bool replaces)
{
	char unnamed[NAME_SIZE];

	name_of_descriptor(fd, unnamed);
	if (replaces)
		return replace(place, unnamed);
	return linkat(AT_FDCWD, unnamed, place->folder, place->name, AT_SYMLINK_FOLLOW) < 0 ? -errno
	                                                                                    : 0;
}
