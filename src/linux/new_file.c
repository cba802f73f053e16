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
#include "core/log_write.h"
#include "linux/descriptors.h"
#include "linux/unnamed_file.h"

static int refuse(const struct new_file *file, int err, const char *why)
{
	if (file->path)
		return log_cannot_write(file->path, err, why);
	return log_errno(err, "cannot write to the standard output: %s", strerror(-err));
}

/* Returns a file descriptor, or a negative errno and maybe *why. */
static int open_new(struct new_file *file)
{
	const struct trusted_name *place = &file->place;
	int fd = unnamed_file_create(place, NULL);

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
	if (!err)
		unnamed = unnamed_file_create(place, &status);
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
		failed = unnamed_file_give_name(fileno(file->stream), &file->place,
		                                file->existing >= 0);
	if (err || failed)
		give_up(file);
	errno = 0;
	if (file->path && fclose(file->stream) != 0 && !err && !failed)
		failed = errno ? -errno : -EIO;
	release(file);
	return failed ? refuse(file, failed, NULL) : err;
}
