/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/sysfs.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	size_t length = 0;
	int error = 0;
	int fd = openat(root, path, O_RDONLY | O_CLOEXEC);

	text[0] = '\0';
	if (fd < 0)
		return -errno;
	/* A file of procfs comes in pieces: one read() is not the whole file. */
	while (length + 1 < size) {
		ssize_t n = read(fd, text + length, size - 1 - length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			error = -errno;
		if (n <= 0)
			break;
		length += (size_t)n;
	}
	close(fd);
	while (length > 0 && isspace((unsigned char)text[length - 1]))
		length--;
	text[length] = '\0';
	return error ? error : (int)length;
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
	/* strtoull() would also take blanks and signs. */
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

int sysfs_read_cpu_list(int root, const char *path, struct cpu_list *list)
{
	/* The longest list that a kernel writes: every second of 8192 CPUs, six bytes each. */
	char text[4096 * 6];
	int length = sysfs_read(root, path, text, sizeof(text));

	*list = (struct cpu_list){0};
	return length < 0 ? length : cpu_list_parse(text, list);
}
