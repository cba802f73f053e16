/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Preloaded into slurmd, which refuses cgroup v2 on a machine that has hierarchies of v1, too
 * ("Hybrid mode is not supported"): in /proc/PID/cgroup it finds the line of v2 alone.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

typedef int open_function(const char *path, int flags, ...);

static int is_cgroup_file(const char *path)
{
	int pid, n = 0;

	return strcmp(path, "/proc/self/cgroup") == 0 ||
	       (sscanf(path, "/proc/%d/cgroup%n", &pid, &n) == 1 && n > 0 && !path[n]);
}

/* A file in memory with the last line, which is that of v2, in place of fd. */
static int keep_v2(int fd)
{
	char text[8192];
	const ssize_t n = read(fd, text, sizeof(text) - 1);
	const char *line;
	int kept;

	text[n > 0 ? n : 0] = '\0';
	line = strstr(text, "0::");
	kept = memfd_create("cgroup", MFD_CLOEXEC);
	if (line && kept >= 0 && (write(kept, line, strlen(line)) < 0 || lseek(kept, 0, SEEK_SET)))
		perror("hide_v1");
	close(fd);
	return kept;
}

static int open_by(const char *name, const char *path, int flags, mode_t mode)
{
	open_function *real = (open_function *)dlsym(RTLD_NEXT, name);
	const int fd = real(path, flags, mode);

	return fd >= 0 && is_cgroup_file(path) ? keep_v2(fd) : fd;
}

static mode_t mode_of(int flags, va_list more)
{
	return flags & O_CREAT ? va_arg(more, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
	va_list more;
	mode_t mode;

	va_start(more, flags);
	mode = mode_of(flags, more);
	va_end(more);
	return open_by("open", path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	va_list more;
	mode_t mode;

	va_start(more, flags);
	mode = mode_of(flags, more);
	va_end(more);
	return open_by("open64", path, flags, mode);
}
