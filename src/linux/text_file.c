/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "linux/sysfs.h"

/* Returns 0 or -ENAMETOOLONG. */
static int join(const char *root, const char *path, char whole[static PATH_MAX])
{
	return snprintf(whole, PATH_MAX, "%s/%s", root, path) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

int text_file_read(const char *root, const char *path, char *text, size_t size)
{
	char whole[PATH_MAX];
	int length = join(root, path, whole);

	*text = '\0';
	if (!length)
		length = sysfs_read(AT_FDCWD, whole, text, size);
	return length < 0 ? length : 0;
}

bool text_file_exists(const char *root, const char *path)
{
	char whole[PATH_MAX];

	return !join(root, path, whole) && access(whole, F_OK) == 0;
}
