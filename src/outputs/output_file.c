/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "outputs/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/log.h"

/* Tell why the file cannot be used; returns -error. */
static int refuse(const char *path, int error, const char *why)
{
	log_error("cannot write to '%s': %s", path, why ? why : strerror(error));
	return -error;
}

/* The descriptor that /dev/stdout and the like stand for, or -1. */
static int standard_descriptor(const char *path)
{
	static const char folder[] = "/dev/fd/";
	char *end;
	long n;

	if (strcmp(path, "/dev/stdout") == 0)
		return STDOUT_FILENO;
	if (strcmp(path, "/dev/stderr") == 0)
		return STDERR_FILENO;
	if (strncmp(path, folder, sizeof(folder) - 1) != 0)
		return -1;
	path += sizeof(folder) - 1;
	if (*path < '0' || *path > '9')
		return -1;
	errno = 0;
	n = strtol(path, &end, 10);
	return errno || *end || n > 0x7fffffff ? -1 : (int)n;
}

/*
 * A second descriptor, not an open of /proc/self/fd/N: that would start at offset 0 of a redirected
 * standard output and overwrite it, needs permission anew, and fails for sockets.
 */
static int open_descriptor(struct output_file *file, int n)
{
	int access_mode = fcntl(n, F_GETFL);

	if (access_mode >= 0 && (access_mode & O_ACCMODE) == O_RDONLY)
		return refuse(file->path, EBADF, "the descriptor is open for reading only");
	file->fd = fcntl(n, F_DUPFD_CLOEXEC, 3);
	if (file->fd < 0)
		return refuse(file->path, errno, errno == EBADF ? "no such open descriptor" : NULL);
	return 0;
}

/* Open the folder of the path, and find the name in it. */
static int open_folder(struct output_file *file, const char **name)
{
	const char *slash = strrchr(file->path, '/');
	size_t length = slash ? (size_t)(slash - file->path) : 0;
	char *folder;

	*name = slash ? slash + 1 : file->path;
	if (!**name)
		return refuse(file->path, *file->path ? EISDIR : ENOENT,
		              *file->path ? "it is a folder" : "no file name is given");
	folder = slash ? strndup(file->path, length ? length : 1) : strdup(".");
	if (!folder)
		return refuse(file->path, ENOMEM, NULL);
	file->folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (file->folder < 0) {
		int error = errno;

		if (error == ENOENT)
			log_error("cannot write to '%s': its folder does not exist\n"
			          "create it: mkdir -p '%s'",
			          file->path, folder);
		else
			log_error("cannot write to '%s': folder '%s': %s", file->path, folder,
			          strerror(error));
		free(folder);
		return -error;
	}
	free(folder);
	return 0;
}

/*
 * Whether a symbolic link may be followed. In a folder where anybody may create names, somebody
 * may have laid a link to a file that only we may write. The kernel has the same rule
 * (fs.protected_symlinks), where it is switched on.
 */
static bool link_is_trusted(const struct output_file *file, const struct stat *link)
{
	struct stat folder;

	if (fstat(file->folder, &folder) < 0)
		return false;
	if ((folder.st_mode & (S_ISVTX | S_IWOTH)) != (S_ISVTX | S_IWOTH))
		return true;
	return link->st_uid == geteuid() || link->st_uid == folder.st_uid;
}

static int refuse_type(const struct output_file *file, mode_t mode)
{
	if (S_ISDIR(mode))
		return refuse(file->path, EISDIR, "it is a folder");
	if (S_ISBLK(mode))
		return refuse(file->path, EINVAL, "it is a block device");
	if (S_ISSOCK(mode))
		return refuse(file->path, ENXIO, "it is a socket");
	return 0;
}

static int refuse_existing(const struct output_file *file, int error)
{
	if (error == EACCES)
		return refuse(file->path, error,
		              file->append ? "no permission to read and write the existing file"
		                           : "no permission to write to the existing file, or it "
		                             "belongs to somebody else in a folder that all may "
		                             "write to");
	return refuse(file->path, error, NULL);
}

/*
 * Opening a FIFO waits for its reader, maybe for ever. Nothing has begun yet: let the signals that
 * ask the agent to end, which it has blocked by now, end it.
 */
static int open_fifo(const struct output_file *file, const char *name, int flags)
{
	sigset_t ending, blocked;
	int fd, error;

	log_info("'%s' is a FIFO: waiting for somebody to read it", file->path);
	sigemptyset(&ending);
	sigaddset(&ending, SIGINT);
	sigaddset(&ending, SIGQUIT);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGHUP);
	sigprocmask(SIG_UNBLOCK, &ending, &blocked);
	fd = openat(file->folder, name, flags);
	error = errno;
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	errno = error;
	return fd;
}

/* Open what is there under the name; found: what lstat() says of it. */
static int open_existing(struct output_file *file, const char *name, struct stat *found)
{
	/* O_CREAT for what exists: makes the kernel apply fs.protected_regular. */
	int flags = O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_CREAT;
	int result;

	if (S_ISLNK(found->st_mode)) {
		if (!link_is_trusted(file, found))
			return refuse(file->path, EACCES,
			              "it is a symbolic link that somebody else has put into a "
			              "folder that all may write to");
		if (fstatat(file->folder, name, found, 0) < 0)
			return refuse(file->path, errno,
			              errno == ENOENT ? "it is a symbolic link to nothing" : NULL);
		flags &= ~(O_NOFOLLOW | O_CREAT);
	}
	result = refuse_type(file, found->st_mode);
	if (result < 0)
		return result;
	flags |= file->append ? O_APPEND : 0;
	flags |= file->append && S_ISREG(found->st_mode) ? O_RDWR : O_WRONLY;
	file->fd = S_ISFIFO(found->st_mode) ? open_fifo(file, name, flags & ~O_CREAT)
	                                    : openat(file->folder, name, flags, 0666);
	return file->fd < 0 ? refuse_existing(file, errno) : 0;
}

static int refuse_creation(const struct output_file *file, int error)
{
	if (error == EACCES)
		return refuse(file->path, error, "no permission to create a file in its folder");
	return refuse(file->path, error, NULL);
}

static int open_by_name(struct output_file *file)
{
	const char *name;
	struct stat found;
	int result = open_folder(file, &name);

	if (result < 0)
		return result;
	if (fstatat(file->folder, name, &found, AT_SYMLINK_NOFOLLOW) == 0)
		return open_existing(file, name, &found);
	if (errno != ENOENT)
		return refuse(file->path, errno, NULL);
	file->fd = openat(file->folder, name,
	                  O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC |
	                          (file->append ? O_APPEND : 0),
	                  0666);
	if (file->fd < 0)
		return refuse_creation(file, errno);
	file->created = true;
	return 0;
}

/*
 * A descriptor of 0, 1 or 2 (the agent was started with one of them closed) would mix the rows with
 * messages, and the command's input or output with the rows.
 */
static int leave_standard_descriptors(struct output_file *file)
{
	int fd;

	if (file->fd > STDERR_FILENO)
		return 0;
	fd = fcntl(file->fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (fd < 0)
		return refuse(file->path, errno, NULL);
	close(file->fd);
	file->fd = fd;
	return 0;
}

/* What became known by opening: the type once more, for names can change under us; the space. */
static int check_opened(struct output_file *file)
{
	struct statvfs fs;
	struct stat opened;
	int result;

	if (fstat(file->fd, &opened) < 0)
		return refuse(file->path, errno, NULL);
	result = refuse_type(file, opened.st_mode);
	if (result < 0)
		return result;
	file->regular = S_ISREG(opened.st_mode);
	/* A file with blocks gives them back when it is emptied, and its last one has room, maybe. */
	if (file->regular && !file->created && opened.st_blocks == 0 &&
	    fstatvfs(file->fd, &fs) == 0 && fs.f_blocks > 0 && fs.f_bfree == 0)
		return refuse(file->path, ENOSPC, NULL);
	return 0;
}

void output_file_init(struct output_file *file)
{
	*file = (struct output_file){.folder = -1, .fd = -1};
}

int output_file_open(struct output_file *file, const char *path, bool append)
{
	int descriptor = standard_descriptor(path);
	int result;

	output_file_init(file);
	file->append = append;
	file->path = strdup(path);
	if (!file->path)
		return refuse(path, ENOMEM, NULL);
	if (descriptor >= 0) {
		/* Not ours alone: never read, emptied or cut. */
		result = open_descriptor(file, descriptor);
	} else {
		result = open_by_name(file);
		if (result == 0)
			result = leave_standard_descriptors(file);
		if (result == 0)
			result = check_opened(file);
	}
	if (result < 0)
		output_file_close(file);
	return result;
}

int output_file_begin(struct output_file *file)
{
	file->begun = true;
	if (file->folder >= 0)
		close(file->folder);
	file->folder = -1;
	if (file->regular && !file->created && !file->append && ftruncate(file->fd, 0) < 0)
		return refuse(file->path, errno, NULL);
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
			return refuse(file->path, error,
			              error == EPIPE ? "its reader has closed the pipe" : NULL);
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
		return refuse(file->path, errno, NULL);
	return 0;
}

/* Take back the file that we have created, if the name still means it. */
static void remove_created(const struct output_file *file)
{
	const char *slash = strrchr(file->path, '/');
	const char *name = slash ? slash + 1 : file->path;
	struct stat ours, named;

	if (fstat(file->fd, &ours) == 0 &&
	    fstatat(file->folder, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	    ours.st_dev == named.st_dev && ours.st_ino == named.st_ino)
		unlinkat(file->folder, name, 0);
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
