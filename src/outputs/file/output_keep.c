/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.h"
#include "outputs/file/output_file.h"

#define OLD ".old"

/* The file's name with this ending, or NULL. */
static char *beside(const struct output_file *file, const char *ending)
{
	char *name;

	return asprintf(&name, "%s%s", file->place.name, ending) < 0 ? NULL : name;
}

/*
 * Whether there is something to keep: a regular file with rows, by that very name, not a symbolic
 * link.
 */
static bool has_old(const struct output_file *file, struct stat *old)
{
	struct stat named;

	return file->regular && !file->created && !file->append && fstat(file->fd, old) == 0 &&
	       old->st_size > 0 && lstat(file->path, &named) == 0 && S_ISREG(named.st_mode) &&
	       output_file_has_name(file);
}

/* Create an empty, locked file with the old one's owner and mode. Returns its fd or -errno. */
static int create_like(const struct output_file *file, const char *name, const struct stat *old)
{
	int fd = openat(file->place.folder, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	if (fchown(fd, old->st_uid, old->st_gid) < 0 || fchmod(fd, old->st_mode & 07777) < 0 ||
	    flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int err = -errno;

		unlinkat(file->place.folder, name, 0);
		close(fd);
		return err;
	}
	return fd;
}

/*
 * Exchange the names of the new file and the old one, so that there is always a file of that name;
 * then rename the old one from the temporary name to the one it keeps. Some file systems, such as
 * NFS, cannot exchange names: there the old file is renamed first.
 */
static int rename_both(const struct output_file *file, const char *temporary, const char *kept)
{
	const char *name = file->place.name;
	const int in = file->place.folder;
	int err = 0;

	if (renameat2(in, temporary, in, name, RENAME_EXCHANGE) == 0) {
		if (renameat(in, temporary, in, kept) < 0) {
			err = -errno;
			renameat2(in, temporary, in, name, RENAME_EXCHANGE);
		}
	} else if (renameat(in, name, in, kept) < 0) {
		err = -errno;
	} else if (renameat(in, temporary, in, name) < 0) {
		err = -errno;
		renameat(in, kept, in, name);
	}
	if (err)
		unlinkat(in, temporary, 0);
	return err;
}

/* The new file gets the name, and the file descriptor, of the old one. */
static int swap(struct output_file *file, int fd, const char *temporary, const char *kept)
{
	const int err = rename_both(file, temporary, kept);

	if (err)
		return err;
	return dup3(fd, file->fd, O_CLOEXEC) < 0 ? -errno : 0;
}

/* Whether a run, this one or another, is writing the file to which the old one would be renamed. */
static bool is_written(const struct output_file *file, const char *name)
{
	const int fd = openat(file->place.folder, name,
	                      O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
	const bool written = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;

	if (fd >= 0)
		close(fd);
	return written;
}

int output_file_keep_old(struct output_file *file)
{
	char ending[32], *temporary, *kept;
	struct stat old;
	int fd, err;

	if (!has_old(file, &old))
		return 0;
	snprintf(ending, sizeof(ending), ".%d.new", (int)getpid());
	temporary = beside(file, ending);
	kept = beside(file, OLD);
	if (!temporary || !kept)
		fd = -ENOMEM;
	else
		fd = is_written(file, kept) ? -EBUSY : create_like(file, temporary, &old);
	err = fd < 0 ? fd : swap(file, fd, temporary, kept);
	if (fd >= 0)
		close(fd);
	free(temporary);
	free(kept);
	if (err < 0)
		log_warn("the rows of the run before in '%s' are overwritten: they cannot be kept "
		         "as '%s" OLD "': %s",
		         file->path, file->path,
		         err == -EBUSY ? "a run writes that file" : strerror(-err));
	return err < 0 ? err : 1;
}
