/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/sysfs.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "linux/small_file.h"

int sysfs_open_root(const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

char *sysfs_join(const char *folder, const char *file)
{
	size_t size = strlen(folder) + 1 + strlen(file) + 1;
	char *path = malloc(size);

	if (path)
		snprintf(path, size, "%s/%s", folder, file);
	return path;
}

int sysfs_read(int root, const char *path, char *text, size_t size)
{
	ssize_t length = small_file_read(root, path, text, size - 1);

	text[length > 0 ? length : 0] = '\0';
	while (length > 0 && isspace((unsigned char)text[length - 1]))
		text[--length] = '\0';
	return (int)length;
}

int sysfs_parse_u64(const char *text, uint64_t *value)
{
	const char *digits = text;
	unsigned long long number;
	char *end;
	int base = 10;

	if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X')) {
		digits += 2;
		base = 16;
	}
	/* strtoull() would also accept blanks and signs. */
	if (!isxdigit((unsigned char)digits[0]))
		return -EBADMSG;
	errno = 0;
	number = strtoull(digits, &end, base);
	if (errno || end == digits || *end != '\0')
		return -EBADMSG;
	*value = number;
	return 0;
}

int sysfs_read_u64(int root, const char *path, uint64_t *value)
{
	char text[64];
	int length = sysfs_read(root, path, text, sizeof(text));

	if (length < 0)
		return length;
	return sysfs_parse_u64(text, value);
}
