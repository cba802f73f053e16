/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/regular_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int regular_file_open(const char *path, int flags, struct stat *status)
{
	/* O_PATH finds the file without opening it. */
	const int found = open(path, O_PATH | O_CLOEXEC | flags);
	struct stat own_status;
	char name[64];
	int fd = -1, err = 0;

	status = status ? status : &own_status;
	if (found < 0)
		return -errno;
	if (fstat(found, status))
		err = -errno;
	else if (!S_ISREG(status->st_mode))
		err = -EINVAL;
	if (!err) {
		snprintf(name, sizeof(name), "/proc/self/fd/%d", found);
		fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		err = fd < 0 ? -errno : 0;
	}
	close(found);
	return err ? err : fd;
}
