/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "outputs/file/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.h"
#include "core/log_write.h"
#include "linux/unnamed_file.h"

int output_file_refuse(const struct output_file *file, int error, const char *why)
{
	return log_cannot_write(file->path, -error, why);
}

void output_file_init(struct output_file *file)
{
	*file = (struct output_file){.place.folder = -1, .fd = -1, .replaced = -1};
}

int output_file_begin(struct output_file *file)
{
	file->begun = true;
	if (file->place.folder >= 0)
		close(file->place.folder);
	file->place.folder = -1;
	if (file->regular && !file->created && !file->append && ftruncate(file->fd, 0) < 0)
		return output_file_refuse(file, errno, NULL);
	return 0;
}

int output_file_begin_new(struct output_file *file)
{
	struct stat existing;
	int fd = -1;

	if (file->regular && !file->created && !file->append && output_file_has_name(file) &&
	    fstat(file->fd, &existing) == 0)
		fd = unnamed_file_create(&file->place, &existing);
	if (fd < 0)
		return output_file_begin(file);
	file->begun = true;
	file->replaced = file->fd;
	file->fd = fd;
	return 0;
}

/*
 * The n bytes written may not end with a whole record: cut off the partial one, unless somebody
 * else has written after it.
 */
static void cut_last_record(const struct output_file *file, const char *data, size_t n,
                            size_t (*whole_records)(const char *data, size_t n))
{
	size_t partial = n - whole_records(data, n);
	off_t end = lseek(file->fd, 0, SEEK_CUR);
	struct stat now;

	if (!file->regular || partial == 0 || end < (off_t)partial)
		return;
	if (fstat(file->fd, &now) == 0 && now.st_size == end &&
	    ftruncate(file->fd, end - (off_t)partial) < 0)
		log_error("'%s' ends in an unfinished row, which cannot be cut off: %s", file->path,
		          strerror(errno));
}

/* Returns 0, or what the context's wait() returns. */
static int wait_until_writable(const struct output_file *file)
{
	struct pollfd writable = {.fd = file->fd, .events = POLLOUT};

	if (file->context->wait)
		return file->context->wait(file->context->data, file->fd);
	poll(&writable, 1, -1);
	return 0;
}

static int explain_failure(const struct output_file *file, int error)
{
	const char *why = strerror(error);

	if (error == EPIPE)
		why = "its reader has closed the pipe";
	else if (error == EINTR)
		why = "its reader takes no more, and the run was asked to end";
	return log_errno(-error, "cannot write to '%s': %s", file->path, why);
}

/* Limit *n to what a pipe takes when poll() reports it writable. Returns 0 or wait()'s error. */
static int await_room(const struct output_file *file, size_t *n)
{
	if (!file->waits)
		return 0;
	*n = *n < PIPE_BUF ? *n : PIPE_BUF;
	return wait_until_writable(file);
}

ssize_t output_file_write(struct output_file *file, const char *data, size_t n,
                          size_t (*whole_records)(const char *data, size_t n))
{
	size_t done = 0;

	while (done < n) {
		size_t part = n - done;
		int error = -await_room(file, &part);
		ssize_t written;

		if (error == EAGAIN)
			break;
		if (error)
			return explain_failure(file, error);
		written = write(file->fd, data + done, part);
		error = written == 0 ? EIO : errno;
		if (written > 0) {
			done += (size_t)written;
		} else if (error != EINTR && error != EAGAIN) {
			cut_last_record(file, data, done, whole_records);
			return explain_failure(file, error);
		}
	}
	return (ssize_t)done;
}

int output_file_finish(struct output_file *file)
{
	int fd = file->fd, err = 0;

	file->fd = -1;
	if (file->replaced >= 0)
		err = unnamed_file_give_name(fd, &file->place, true);
	if (err) {
		close(fd);
		return output_file_refuse(file, -err, NULL);
	}
	/* EINTR: Linux has closed the file descriptor nevertheless. */
	if (fd >= 0 && close(fd) < 0 && errno != EINTR)
		return output_file_refuse(file, errno, NULL);
	return 0;
}

bool output_file_has_name(const struct output_file *file)
{
	struct stat ours, named;

	return fstat(file->fd, &ours) == 0 &&
	       fstatat(file->place.folder, file->place.name, &named,
	               file->place.is_magic ? 0 : AT_SYMLINK_NOFOLLOW) == 0 &&
	       ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

/* Remove the file that output_file_open() created, while it is still locked. */
static void remove_created(const struct output_file *file)
{
	if (output_file_has_name(file))
		unlinkat(file->place.folder, file->place.name, 0);
}

void output_file_close(struct output_file *file)
{
	if (file->fd >= 0 && file->created && !file->begun)
		remove_created(file);
	if (file->fd >= 0)
		close(file->fd);
	if (file->replaced >= 0)
		close(file->replaced);
	if (file->place.folder >= 0)
		close(file->place.folder);
	free(file->path);
	output_file_init(file);
}
