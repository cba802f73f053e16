/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/perf_event.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "linux/privilege.h"

int perf_event_open_on_cpu(const struct perf_event_attr *attr, int cpu, int group_fd)
{
	struct perf_event_attr copy = *attr; /* the kernel writes its size there on E2BIG */
	long fd;

	privilege_raise();
	fd = syscall(SYS_perf_event_open, &copy, -1, cpu, group_fd, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	privilege_lower();
	return (int)fd;
}
