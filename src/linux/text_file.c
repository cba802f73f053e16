/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

/* Returns 0 or -ENAMETOOLONG. */
static int join(const char *root, const char *path, char whole[static PATH_MAX])
{
	return snprintf(whole, PATH_MAX, "%s/%s", root, path) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

int text_file_read(const char *root, const char *path, char *text, size_t size)
{
	char whole[PATH_MAX];
	ssize_t n;
	int fd, err = join(root, path, whole);

	*text = '\0';
	if (err)
		return err;
	/* Not to be stopped by a FIFO that somebody has laid out there. */
	fd = open(whole, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;
	do
		n = read(fd, text, size - 1);
	while (n < 0 && errno == EINTR);
	err = n < 0 ? -errno : 0;
	close(fd);
	n = n < 0 ? 0 : n;
	while (n > 0 && text[n - 1] == '\n')
		n--;
	text[n] = '\0';
	return err;
}

bool text_file_exists(const char *root, const char *path)
{
	char whole[PATH_MAX];

	return !join(root, path, whole) && access(whole, F_OK) == 0;
}
