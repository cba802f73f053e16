/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/descriptors.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/log.h"

static uint64_t soft_limit(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) ? UINT64_MAX : limit.rlim_cur;
}

void descriptors_say_short(const char *what)
{
	log_error("cannot %s: too many open files: raise 'ulimit -n' (now %llu)\n"
	          "its hard limit is 'nofile' in /etc/security/limits.conf, LimitNOFILE= of a "
	          "service",
	          what, (unsigned long long)soft_limit());
}

int descriptors_log(int err, const char *what)
{
	if (err == -EMFILE)
		descriptors_say_short(what);
	else
		log_error("cannot %s: %s", what, strerror(-err));
	return err;
}

/* The kernel does not report how many are left: try to open them. */
int descriptors_need(size_t n)
{
	int fds[DESCRIPTORS_PLENTY];
	size_t opened = 0;
	int err = 0;

	if (soft_limit() >= DESCRIPTORS_PLENTY || n > DESCRIPTORS_PLENTY)
		return 0;
	while (opened < n && !err) {
		int fd = open("/", O_PATH | O_CLOEXEC);

		if (fd >= 0)
			fds[opened++] = fd;
		else
			err = -errno;
	}
	while (opened > 0)
		close(fds[--opened]);
	if (err != -EMFILE)
		return 0; /* the caller that opens one will log the cause */
	descriptors_say_short("measure");
	return err;
}

int descriptors_named(const char *path)
{
	static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
	const char *number = NULL;
	char *end;
	long n;

	if (strcmp(path, "/dev/stdout") == 0)
		return STDOUT_FILENO;
	if (strcmp(path, "/dev/stderr") == 0)
		return STDERR_FILENO;
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		if (strncmp(path, folders[i], strlen(folders[i])) == 0)
			number = path + strlen(folders[i]);
	}
	if (!number || *number < '0' || *number > '9')
		return -1;
	errno = 0;
	n = strtol(number, &end, 10);
	return errno || *end || n > 0x7fffffff ? -1 : (int)n;
}

/* What the agent has inherited is not close-on-exec; all that it opens is. */
const char *descriptors_problem(int n)
{
	const int flags = fcntl(n, F_GETFD), access_mode = fcntl(n, F_GETFL);

	if (flags < 0 || flags & FD_CLOEXEC)
		return "no such open descriptor";
	return access_mode >= 0 && (access_mode & O_ACCMODE) == O_RDONLY
	               ? "the descriptor is open for reading only"
	               : NULL;
}

static bool is_file(int fd, const struct stat *file)
{
	const int flags = fcntl(fd, F_GETFD);
	struct stat status;

	return flags >= 0 && flags & FD_CLOEXEC && fstat(fd, &status) == 0 &&
	       status.st_dev == file->st_dev && status.st_ino == file->st_ino;
}

bool descriptors_have_file(const struct stat *file, int fd)
{
	DIR *folder = opendir("/proc/self/fd");
	const struct dirent *entry;
	bool found = false;

	while (folder && !found && (entry = readdir(folder))) {
		const int other = atoi(entry->d_name); /* "." and "..": standard input, inherited */

		found = other != fd && is_file(other, file);
	}
	if (folder)
		closedir(folder);
	return found;
}
