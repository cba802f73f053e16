/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.h"
#include "linux/descriptors.h"

#define NAME_SIZE 64

static int refuse(const struct new_file *file, int err, const char *why)
{
	const char *quote = file->path ? "'" : "";

	return log_errno(err, "cannot write %s%s%s: %s", quote,
	                 file->path ? file->path : "to the standard output", quote,
	                 why ? why : strerror(-err));
}

static void name_of_descriptor(int fd, char name[static NAME_SIZE])
{
	snprintf(name, NAME_SIZE, "/proc/self/fd/%d", fd);
}

/*
 * A file without a name in that folder, with the owner and mode of the existing one, if there is
 * one. Returns -1 if there cannot be one, or if it could not get its name: with another effective
 * user, the links in /proc may be out of reach.
 */
static int create_unnamed(int folder, const struct stat *existing)
{
	const int fd = openat(folder, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
	char name[NAME_SIZE], target[1];
	bool fits;

	if (fd < 0)
		return -1;
	name_of_descriptor(fd, name);
	fits = readlink(name, target, sizeof(target)) > 0;
	if (fits && existing)
		fits = fchown(fd, existing->st_uid, existing->st_gid) == 0 &&
		       fchmod(fd, existing->st_mode & 07777) == 0;
	if (fits)
		return fd;
	close(fd);
	return -1;
}

/* A file that is mounted there, as into a container, cannot be replaced. */
static bool is_mounted(const struct trusted_name *place)
{
	struct statx status;

	return statx(place->folder, place->name, AT_SYMLINK_NOFOLLOW, 0, &status) == 0 &&
	       status.stx_attributes & STATX_ATTR_MOUNT_ROOT;
}

/* Returns a file descriptor, or a negative errno and maybe *why. */
static int open_new(struct new_file *file)
{
	const struct trusted_name *place = &file->place;
	int fd = create_unnamed(place->folder, NULL);

	file->is_unnamed = fd >= 0;
	if (fd < 0)
		fd = openat(place->folder, place->name,
		            O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	file->is_created = fd >= 0 && !file->is_unnamed;
	return fd < 0 ? -errno : fd;
}

/* Check what was really opened: names can change meanwhile. */
static int check_opened(const struct new_file *file, int fd, bool trust_others, struct stat *status,
                        const char **why)
{
	if (fstat(fd, status) < 0)
		return -errno;
	*why = trust_problem(&file->place, status, trust_others);
	if (*why)
		return -EACCES;
	if (S_ISREG(status->st_mode) && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
		*why = "another program is writing it";
		return -EBUSY;
	}
	return fcntl(fd, F_SETFL, 0) < 0 ? -errno : 0;
}

static int open_existing(struct new_file *file, bool trust_others, const char **why)
{
	const struct trusted_name *place = &file->place;
	const int nofollow = place->is_magic ? 0 : O_NOFOLLOW;
	struct stat status;
	int unnamed = -1, err = 0;
	int fd = openat(place->folder, place->name,
	                O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | nofollow);

	if (fd < 0 && errno == ENXIO && S_ISFIFO(place->status.st_mode))
		*why = "nobody reads this FIFO";
	if (fd < 0)
		return -errno;
	err = check_opened(file, fd, trust_others, &status, why);
	if (!err && S_ISREG(status.st_mode) && status.st_nlink == 1 && !place->is_magic &&
	    !is_mounted(place))
		unnamed = create_unnamed(place->folder, &status);
	if (unnamed >= 0) {
		file->existing = fd;
		file->is_unnamed = true;
		return unnamed;
	}
	if (!err && S_ISREG(status.st_mode)) {
		file->is_truncated = true;
		err = ftruncate(fd, 0) < 0 ? -errno : 0;
	}
	if (err)
		close(fd);
	return err ? err : fd;
}

/*
 * Use dup(), not an open() of the link in procfs: that would start at offset 0 of a redirected
 * standard output, after truncating it, and fail for sockets.
 */
static int take_descriptor(int n, const char **why)
{
	int fd;

	*why = descriptors_problem(n);
	if (*why)
		return -EBADF;
	fd = fcntl(n, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return fd < 0 ? -errno : fd;
}

static int open_path(struct new_file *file, bool trust_others, const char **why)
{
	const int named = descriptors_named(file->path);
	int err;

	if (named >= 0)
		return take_descriptor(named, why);
	err = trust_find_writable(file->path, trust_others, &file->place, why);
	if (err)
		return err;
	return file->place.exists ? open_existing(file, trust_others, why) : open_new(file);
}

static void release(struct new_file *file)
{
	if (file->existing >= 0)
		close(file->existing);
	if (file->place.folder >= 0)
		close(file->place.folder);
	file->existing = file->place.folder = -1;
}

int new_file_open(struct new_file *file, const char *path, bool trust_others)
{
	const char *why = NULL;
	int fd, err;

	*file = (struct new_file){.path = path, .place.folder = -1, .existing = -1};
	if (!path) {
		file->stream = stdout;
		return 0;
	}
	fd = open_path(file, trust_others, &why);
	file->stream = fd < 0 ? NULL : fdopen(fd, "w");
	if (file->stream)
		return 0;
	err = fd < 0 ? fd : -errno;
	if (fd >= 0)
		close(fd);
	if (file->is_created)
		unlinkat(file->place.folder, file->place.name, 0);
	release(file);
	return refuse(file, err, why);
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

static int give_name(const struct new_file *file)
{
	char unnamed[NAME_SIZE];

	name_of_descriptor(fileno(file->stream), unnamed);
	if (file->existing >= 0)
		return replace(&file->place, unnamed);
	return linkat(AT_FDCWD, unnamed, file->place.folder, file->place.name, AT_SYMLINK_FOLLOW) <
	                       0
	               ? -errno
	               : 0;
}

/* In place: nothing is left of what was begun. */
static void give_up(const struct new_file *file)
{
	if (file->is_created)
		unlinkat(file->place.folder, file->place.name, 0);
	else if (file->is_truncated && ftruncate(fileno(file->stream), 0) < 0)
		log_warn("'%s' is not whole, and cannot be emptied: %s", file->path,
		         strerror(errno));
}

/* The error of an earlier write is still in errno, if the last one has succeeded. */
static int flush(FILE *stream)
{
	const int earlier = errno;

	errno = 0;
	if (fflush(stream) != 0)
		return errno ? -errno : -EIO;
	if (ferror(stream))
		return earlier ? -earlier : -EIO;
	return 0;
}

int new_file_close(struct new_file *file, int err)
{
	int failed = err ? 0 : flush(file->stream);

	if (!err && !failed && file->is_unnamed)
		failed = give_name(file);
	if (err || failed)
		give_up(file);
	errno = 0;
	if (file->path && fclose(file->stream) != 0 && !err && !failed)
		failed = errno ? -errno : -EIO;
	release(file);
	return failed ? refuse(file, failed, NULL) : err;
}
