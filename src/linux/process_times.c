/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/process_times.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linux/text_file.h"

#define PATH_SIZE 64
#define STAT_SIZE 1024

int process_times_read(uint32_t pid, struct process_times *times)
{
	char path[PATH_SIZE], stat[STAT_SIZE], *name, *end;
	uint64_t user, system, waited_user, waited_system;
	int err;

	snprintf(path, sizeof(path), "proc/%" PRIu32 "/stat", pid);
	err = text_file_read("", path, stat, sizeof(stat));
	if (err)
		return err;
	/* The name may contain any characters, even parentheses. */
	name = strchr(stat, '(');
	end = strrchr(stat, ')');
	if (!name || !end || end < name)
		return -EPROTO;
	snprintf(times->comm, sizeof(times->comm), "%.*s", (int)(end - name - 1), name + 1);
	/* From field 3, the state, on; utime is field 14, starttime 22. */
	if (sscanf(end + 1,
	           " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64 " %" SCNu64
	           " %" SCNu64 " %*d %*d %*d %*d %" SCNu64,
	           &user, &system, &waited_user, &waited_system, &times->start_ticks) != 5)
		return -EPROTO;
	times->own_ticks = user + system;
	times->waited_ticks = waited_user + waited_system;
	return 0;
}

/* Whether the times in /proc differ from the kernel's, as in a time namespace of its own. */
static bool clock_is_shifted(void)
{
	char text[STAT_SIZE];
	const char *line;
	long long seconds = 0;
	long nanoseconds = 0;

	if (text_file_read("", "proc/self/timens_offsets", text, sizeof(text)))
		return false;
	line = strstr(text, "boottime");
	return line && sscanf(line, "%*s %lld %ld", &seconds, &nanoseconds) == 2 &&
	       (seconds || nanoseconds);
}

uint64_t process_start_ticks(uint32_t pid)
{
	struct process_times times;

	return clock_is_shifted() || process_times_read(pid, &times) ? 0 : times.start_ticks;
}

/* Append the children of a thread. Returns the new number of processes. */
static size_t add_children(uint32_t pid, const char *tid, uint32_t *family, size_t n, size_t max)
{
	char path[PATH_SIZE];
	uint32_t child;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/task/%.12s/children", pid, tid);
	file = fopen(path, "re");
	while (file && n < max && fscanf(file, "%" SCNu32, &child) == 1)
		family[n++] = child;
	if (file)
		fclose(file);
	return n;
}

size_t process_family(uint32_t pid, uint32_t *family, size_t max)
{
	size_t n = 1;

	family[0] = pid;
	for (size_t i = 0; i < n && n < max; i++) {
		char path[PATH_SIZE];
		struct dirent *entry;
		DIR *dir;

		snprintf(path, sizeof(path), "/proc/%" PRIu32 "/task", family[i]);
		dir = opendir(path);
		while (dir && (entry = readdir(dir))) {
			if (*entry->d_name != '.')
				n = add_children(family[i], entry->d_name, family, n, max);
		}
		if (dir)
			closedir(dir);
	}
	return n;
}
