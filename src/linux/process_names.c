/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/process_names.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "linux/small_file.h"

#define PROC_PATH_SIZE 40

#define DELETED " (deleted)"

void process_cut_deleted(char *path)
{
	const size_t n = strlen(path), suffix = strlen(DELETED);

	if (n > suffix && strcmp(path + n - suffix, DELETED) == 0)
		path[n - suffix] = '\0';
}

char *process_exe(uint32_t pid)
{
	char path[PROC_PATH_SIZE], exe[PATH_MAX + 1];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/exe", pid);
	n = readlink(path, exe, sizeof(exe) - 1);
	if (n <= 0)
		return NULL;
	exe[n] = '\0';
	process_cut_deleted(exe);
	return strdup(exe);
}

/* Read up to size bytes of the arguments. Returns how many were read, or a negative errno. */
static ssize_t read_args(uint32_t pid, char *data, size_t size)
{
	char path[PROC_PATH_SIZE];

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/cmdline", pid);
	return small_file_read(AT_FDCWD, path, data, size);
}

char *process_args(uint32_t pid, size_t max, size_t *length, bool *is_cut)
{
	char *args = malloc(max + 1), *fitting;
	ssize_t n = args ? read_args(pid, args, max + 1) : 0;

	*is_cut = n > (ssize_t)max;
	*length = 0;
	if (n <= 0) {
		free(args);
		return NULL;
	}
	*length = *is_cut ? max : (size_t)n;
	args[*length] = '\0';
	fitting = realloc(args, *length + 1);
	return fitting ? fitting : args;
}
