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

/* What the agent has inherited is not close-on-exec; all that it opens is. */
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
