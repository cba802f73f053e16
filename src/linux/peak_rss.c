/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/peak_rss.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define PATH_MAX_PID 32
#define LINE_SIZE 256

int peak_rss_read(uint32_t pid, uint64_t *bytes)
{
	char path[PATH_MAX_PID], line[LINE_SIZE];
	uint64_t kilobytes;
	int result = -ENODATA;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/status", pid);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (result && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "VmHWM: %" SCNu64 " kB", &kilobytes) == 1) {
			*bytes = kilobytes * 1024;
			result = 0;
		}
	}
	fclose(file);
	return result;
}
