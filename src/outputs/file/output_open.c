/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Resolves a path and opens it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/log.h"
#include "core/parallel_task.h"
#include "linux/descriptors.h"
#include "outputs/file/output_file.h"

/* Give up when the file has appeared and disappeared this many times. */
#define OPEN_TRIES 100

/*
 * Reopen a terminal or a pipe with O_NONBLOCK: setting the flag on the given file descriptor would
 * also affect the command and the shell, which share the open file description. Returns -1 if that
 * is not possible.
 */
static int open_without_waiting(int n, mode_t mode)
{
	char name[32];

	if (!S_ISFIFO(mode) && !isatty(n))
		return -1;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", n);
	return open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/*
 * Use dup(), not an open() of /proc/self/fd/N: that would start at offset 0 of a redirected
 * standard output and overwrite it, check permissions again, and fail for sockets.
 */
static int open_descriptor(struct output_file *file, int n)
{
	const char *problem = descriptors_problem(n);
	struct stat status;

	if (problem)
		return output_file_refuse(file, EBADF, problem);
	if (fstat(n, &status) < 0)
		return output_file_refuse(file, errno, NULL);
	file->waits = !S_ISREG(status.st_mode);
	file->fd = open_without_waiting(n, status.st_mode);
	if (file->fd < 0)
		file->fd = fcntl(n, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return file->fd < 0 ? output_file_refuse(file, errno, NULL) : 0;
}

/* Log that somebody else may have put the file there. */
static int refuse_others(const struct output_file *file, const char *why)
{
	return log_errno(
		-EACCES,
		"cannot write to '%s': %s\n"
		"choose another name, or, if you trust whoever may write there: --trust-others",
		file->path, why);
}

/* Find the folder of the path, and the name in it. */
static int find_name(struct output_file *file)
{
	const char *slash = strrchr(file->path, '/');
	const char *why;
	int err;

	if (!*(slash ? slash + 1 : file->path))
		return output_file_refuse(file, *file->path ? EISDIR : ENOENT,
		                          *file->path ? NULL : "no file name is given");
	if (file->place.folder >= 0)
		close(file->place.folder);
	err = trust_find(file->path, file->context->trust_others, &file->place, &why);
	if (err)
		return why ? refuse_others(file, why) : output_file_refuse(file, -err, NULL);
	if (file->place.is_link && !file->place.exists)
		return output_file_refuse(file, ENOENT, "it is a symbolic link to nothing");
	return 0;
}

static int refuse_type(const struct output_file *file, mode_t mode)
{
	if (S_ISDIR(mode))
		return output_file_refuse(file, EISDIR, NULL);
	if (S_ISBLK(mode))
		return output_file_refuse(file, EINVAL, "it is a block device");
	if (S_ISSOCK(mode))
		return output_file_refuse(file, ENXIO, "it is a socket");
	return 0;
}

/* Whether this user may remove the file: the directory decides that, not the file. */
static bool is_removable(const struct trusted_name *place)
{
	struct stat directory;

	return faccessat(place->folder, ".", W_OK | X_OK, AT_EACCESS) == 0 &&
	       fstat(place->folder, &directory) == 0 &&
	       (!(directory.st_mode & S_ISVTX) || directory.st_uid == geteuid());
}

static int refuse_existing(const struct output_file *file, int error)
{
	const struct trusted_name *place = &file->place;

	if (error != EACCES)
		return output_file_refuse(file, error, NULL);
	if (file->append)
		return output_file_refuse(file, error,
		                          "no permission to read and write the existing file");
	if (faccessat(place->folder, place->name, W_OK, AT_EACCESS) == 0)
		return output_file_refuse(
			file, error,
			"it belongs to somebody else in a directory that all may write to");
	return log_errno(-error,
	                 "cannot write to '%s': no permission to write: it belongs to %s\n"
	                 "%schoose another file",
	                 file->path,
	                 place->status.st_uid == geteuid() ? "this user, but is read-only"
	                 : place->status.st_uid == 0       ? "root"
	                                                   : "another user",
	                 is_removable(place) ? "remove it (rm -f), or " : "");
}

static bool is_same(int fd, const struct stat *status)
{
	struct stat opened;

	return fstat(fd, &opened) == 0 && opened.st_dev == status->st_dev &&
	       opened.st_ino == status->st_ino;
}

/*
 * Opening a FIFO blocks until there is a reader, maybe forever. The command is not started yet, so
 * the signals that end the agent are unblocked meanwhile.
 */
static int open_fifo(const struct output_file *file, int flags)
{
	sigset_t ending, blocked;
	char path[32];
	int found, fd, error;

	/* Open the FIFO that was checked: the name may refer to another by now. */
	found = openat(file->place.folder, file->place.name,
	               O_PATH | O_CLOEXEC | (flags & O_NOFOLLOW));
	if (found < 0 || !is_same(found, &file->place.status)) {
		if (found >= 0)
			close(found);
		errno = EAGAIN;
		return -1;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", found);

	log_info("'%s' is a FIFO: waiting for somebody to read it", file->path);
	sigemptyset(&ending);
	sigaddset(&ending, SIGINT);
	sigaddset(&ending, SIGQUIT);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGHUP);
	sigprocmask(SIG_UNBLOCK, &ending, &blocked);
	fd = open(path, flags & ~O_NOFOLLOW);
	error = errno;
	close(found);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	errno = error;
	return fd;
}

/* Open the existing file of that name. */
static int open_existing(struct output_file *file)
{
	const struct trusted_name *place = &file->place;
	/* With O_CREAT, the kernel applies fs.protected_regular to existing files, too. */
	int flags = O_CLOEXEC | O_NOCTTY | (file->context->trust_others ? 0 : O_CREAT);
	const char *problem = trust_problem(place, &place->status, file->context->trust_others);
	int result = refuse_type(file, place->status.st_mode);

	if (result < 0)
		return result;
	if (problem)
		return refuse_others(file, problem);
	flags = place->is_magic ? flags & ~O_CREAT : flags | O_NOFOLLOW;
	/* Keep what other writers have written. */
	flags |= O_APPEND;
	flags |= file->append && S_ISREG(place->status.st_mode) ? O_RDWR : O_WRONLY;
	file->fd = S_ISFIFO(place->status.st_mode)
	                   ? open_fifo(file, flags & ~O_CREAT)
	                   : openat(place->folder, place->name, flags | O_NONBLOCK, 0666);
	return file->fd < 0 ? refuse_existing(file, errno) : 0;
}

static int refuse_creation(const struct output_file *file, int error)
{
	if (error == EACCES)
		return output_file_refuse(file, error,
		                          "no permission to create a file in its directory");
	return output_file_refuse(file, error, NULL);
}

/* Returns 0; -EEXIST, not logged, if the file was created since the check; or -errno, logged. */
static int open_name(struct output_file *file)
{
	int result = find_name(file);

	if (result < 0)
		return result;
	if (file->place.exists)
		return open_existing(file);
	file->fd = openat(file->place.folder, file->place.name,
	                  O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (file->fd < 0)
		return errno == EEXIST ? -EEXIST : refuse_creation(file, errno);
	file->created = true;
	return 0;
}

static int open_by_name(struct output_file *file)
{
	int result = -EEXIST;

	/* Others may create and remove the file meanwhile. */
	for (int i = 0; i < OPEN_TRIES && result == -EEXIST; i++)
		result = open_name(file);
	return result == -EEXIST ? output_file_refuse(file, EEXIST, NULL) : result;
}

/*
 * With file descriptor 0, 1 or 2 (the agent was started with one of them closed), the rows would
 * mix with messages and with the command's input or output.
 */
static int leave_standard_descriptors(struct output_file *file)
{
	int fd;

	if (file->fd > STDERR_FILENO)
		return 0;
	fd = fcntl(file->fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (fd < 0)
		return output_file_refuse(file, errno, NULL);
	close(file->fd);
	file->fd = fd;
	return 0;
}

/* The next run would read the rows as its configuration, and the settings would be lost. */
static bool is_configuration(const struct output_file *file, const struct stat *opened)
{
	struct stat config;

	return file->context->config_path && stat(file->context->config_path, &config) == 0 &&
	       config.st_dev == opened->st_dev && config.st_ino == opened->st_ino;
}

/* Check the opened file: its type again, since the name may have changed, and the free space. */
static int check_opened(struct output_file *file)
{
	const char *problem = NULL;
	struct statvfs fs;
	struct stat opened;
	int result;

	if (fstat(file->fd, &opened) < 0)
		return output_file_refuse(file, errno, NULL);
	result = refuse_type(file, opened.st_mode);
	if (result < 0)
		return result;
	file->regular = S_ISREG(opened.st_mode);
	file->waits = !file->regular;
	fcntl(file->fd, F_SETFL, file->waits ? O_APPEND | O_NONBLOCK : O_APPEND);
	/* The name may have changed: check the opened file. */
	if (!file->created)
		problem = trust_problem(&file->place, &opened, file->context->trust_others);
	if (problem)
		return refuse_others(file, problem);
	if (file->regular && is_configuration(file, &opened))
		return output_file_refuse(file, EINVAL, "the configuration is read from that file");
	/* A file with blocks frees them when truncated; one without may find the disk full. */
	if (file->regular && !file->created && opened.st_blocks == 0 &&
	    fstatvfs(file->fd, &fs) == 0 && fs.f_blocks > 0 && fs.f_bfree == 0)
		return output_file_refuse(file, ENOSPC, NULL);
	return 0;
}

/* Who may have locked the file, and what to do. */
static const char *holder(const struct output_file *file)
{
	struct stat status;

	if (fstat(file->fd, &status) == 0 && descriptors_have_file(&status, file->fd))
		return "another output of this run writes it\n"
		       "choose another name for one of them";
	if (parallel_task_is_one())
		return "another task, or another program, is writing it\n"
		       "choose a file for each task with -o, for example -o 'run-%j-%r.csv'";
	return "another alumet-agent, or another program, is writing it\n"
	       "choose another file with -o, for example -o 'run-%p.csv'";
}

/*
 * Rows of two runs must not mix, and no run may truncate another's file: the lock is held until the
 * file is closed. If the file system has no locks, the run continues without one. Returns 0;
 * -ESTALE, not logged, if the process that held the lock has removed the file; or -EBUSY, logged.
 */
static int take_lock(struct output_file *file)
{
	if (!file->regular)
		return 0;
	if (flock(file->fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK)
			return 0;
		file->created = false; /* whoever holds the lock owns it: do not remove it */
		return output_file_refuse(file, EBUSY, holder(file));
	}
	return output_file_has_name(file) ? 0 : -ESTALE;
}

static int open_and_lock(struct output_file *file)
{
	int result = open_by_name(file);

	if (result == 0)
		result = leave_standard_descriptors(file);
	if (result == 0)
		result = check_opened(file);
	return result == 0 ? take_lock(file) : result;
}

/* Reset everything but the path. */
static void forget_opened(struct output_file *file)
{
	close(file->fd);
	close(file->place.folder);
	file->fd = file->place.folder = -1;
	file->created = false;
}

int output_file_open(struct output_file *file, const char *path, bool append,
                     const struct output_context *context)
{
	int descriptor = descriptors_named(path);
	int result;

	output_file_init(file);
	file->context = context;
	file->append = append;
	file->path = strdup(path);
	if (!file->path)
		return log_errno(-ENOMEM, "cannot write to '%s': out of memory", path);
	if (descriptor >= 0) {
		/* Shared with others: never read, locked or truncated. */
		result = open_descriptor(file, descriptor);
		if (result == 0)
			result = leave_standard_descriptors(file);
	} else {
		while ((result = open_and_lock(file)) == -ESTALE)
			forget_opened(file);
	}
	if (result < 0)
		output_file_close(file);
	return result;
}
