/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "outputs/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.h"

int output_file_refuse(const struct output_file *file, int error, const char *why)
{
	log_error("cannot write to '%s': %s", file->path, why ? why : strerror(error));
	return -error;
}

void output_file_init(struct output_file *file)
{
	*file = (struct output_file){.folder = -1, .fd = -1};
}

int output_file_begin(struct output_file *file)
{
	file->begun = true;
	if (file->folder >= 0)
		close(file->folder);
	file->folder = -1;
	if (file->regular && !file->created && !file->append && ftruncate(file->fd, 0) < 0)
		return output_file_refuse(file, errno, NULL);
	return 0;
}

/*
 * The last of the n bytes at data that were written do not end a record: take the rest of it back,
 * unless somebody else has written behind it.
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

/* A non-blocking terminal or pipe that we were given: wait until it takes more. */
static void wait_until_writable(const struct output_file *file)
{
	struct pollfd writable = {.fd = file->fd, .events = POLLOUT};

	poll(&writable, 1, -1);
}

int output_file_write(struct output_file *file, const char *data, size_t n,
                      size_t (*whole_records)(const char *data, size_t n))
{
	size_t done = 0;

	while (done < n) {
		ssize_t written = write(file->fd, data + done, n - done);
		int error = errno;

		if (written > 0) {
			done += (size_t)written;
		} else if (written < 0 && error == EAGAIN) {
			wait_until_writable(file);
		} else if (written == 0 || error != EINTR) {
			error = written == 0 ? EIO : error;
			cut_last_record(file, data, done, whole_records);
			return output_file_refuse(file, error,
			                          error == EPIPE ? "its reader has closed the pipe"
			                                         : NULL);
		}
	}
	return 0;
}

int output_file_finish(struct output_file *file)
{
	int fd = file->fd;

	file->fd = -1;
	/* EINTR: Linux has closed the descriptor nevertheless. */
	if (fd >= 0 && close(fd) < 0 && errno != EINTR)
		return output_file_refuse(file, errno, NULL);
	return 0;
}

bool output_file_has_name(const struct output_file *file)
{
	const char *slash = strrchr(file->path, '/');
	const char *name = slash ? slash + 1 : file->path;
	struct stat ours, named;

	return fstat(file->fd, &ours) == 0 &&
	       fstatat(file->folder, name, &named, file->created ? AT_SYMLINK_NOFOLLOW : 0) == 0 &&
	       ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

/* Take back the file that we have created, while it is still locked. */
static void remove_created(const struct output_file *file)
{
	const char *slash = strrchr(file->path, '/');

	if (output_file_has_name(file))
		unlinkat(file->folder, slash ? slash + 1 : file->path, 0);
}

void output_file_close(struct output_file *file)
{
	if (file->fd >= 0 && file->created && !file->begun)
		remove_created(file);
	if (file->fd >= 0)
		close(file->fd);
	if (file->folder >= 0)
		close(file->folder);
	free(file->path);
	output_file_init(file);
}
