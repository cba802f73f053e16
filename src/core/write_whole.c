/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/write_whole.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

int write_whole(int fd, const char *bytes, size_t n)
{
	while (n > 0) {
		const ssize_t written = write(fd, bytes, n);

		if (written > 0) {
			bytes += written;
			n -= (size_t)written;
		} else if (written < 0 && errno == EAGAIN) {
			poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
		} else if (written == 0 || errno != EINTR) {
			return written == 0 ? -EIO : -errno;
		}
	}
	return 0;
}
