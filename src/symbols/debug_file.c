/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "symbols/debug_file.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "linux/regular_file.h"

int debug_file_by_build_id(const uint8_t build_id[ELF_BUILD_ID_SIZE], const char *debug_root)
{
	char path[PATH_MAX], hex[2 * ELF_BUILD_ID_SIZE + 1];
	size_t n = ELF_BUILD_ID_SIZE;

	while (n > 2 && !build_id[n - 1])
		n--;
	for (size_t i = 0; i < n; i++)
		snprintf(hex + 2 * i, 3, "%02x", build_id[i]);
	snprintf(path, sizeof(path), "%s/.build-id/%.2s/%s.debug", debug_root, hex, hex + 2);
	return regular_file_open(path, 0, NULL);
}

/*
 * The search path of GDB (its manual, "Separate Debug Files"): the directory of the file, its
 * .debug, and below the root.
 */
int debug_file_by_link(const char *link, const char *path, const char *debug_root)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	const int length = slash ? (int)(slash - path) : 0;
	int fd = -1;

	if (!slash || strchr(link, '/'))
		return -1;
	for (int i = 0; i < 3 && fd < 0; i++) {
		char place[PATH_MAX];

		snprintf(place, sizeof(place), "%s%.*s%s/%s", i == 2 ? debug_root : "", length,
		         path, i == 1 ? "/.debug" : "", link);
		fd = regular_file_open(place, 0, NULL);
	}
	return fd;
}
