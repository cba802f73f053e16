/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/small_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

ssize_t small_file_read(int folder, const char *path, void *data, size_t size)
{
	const int fd = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	size_t length = 0;
	int err = 0;

	if (fd < 0)
		return -errno;
	/* One read() may return only a part of a file in procfs. */
	while (length < size) {
		const ssize_t n = read(fd, (char *)data + length, size - length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			err = -errno;
		if (n <= 0)
			break;
		length += (size_t)n;
	}
	close(fd);
	return err ? err : (ssize_t)length;
}
