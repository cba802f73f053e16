/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/process_status.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linux/text_file.h"

/* From include/linux/sched.h, since Linux 2.6.27; shown in /proc/PID/stat. */
#define PF_KTHREAD 0x00200000

#define PATH_SIZE 40
#define STAT_SIZE 1024
#define LINE_SIZE 512

int process_status_read(uint32_t pid, struct process_status *status)
{
	char path[PATH_SIZE], stat[STAT_SIZE], *name, *end;
	unsigned int flags;
	int err;

	snprintf(path, sizeof(path), "proc/%" PRIu32 "/stat", pid);
	err = text_file_read("", path, stat, sizeof(stat));
	if (err)
		return err == -ESRCH ? -ENOENT : err;
	/* The name may contain any characters, even parentheses. */
	name = strchr(stat, '(');
	end = strrchr(stat, ')');
	if (!name || !end || end < name)
		return -EPROTO;
	snprintf(status->comm, sizeof(status->comm), "%.*s", (int)(end - name - 1), name + 1);
	if (sscanf(end + 1, " %c %" SCNu32 " %*d %*d %*d %*d %u", &status->state, &status->parent,
	           &flags) != 3)
		return -EPROTO;
	status->is_kernel_thread = flags & PF_KTHREAD;
	return 0;
}

/*
 * Find the line of /proc/PID/status that begins with the key, and return what follows the key;
 * NULL: there is none. Reads line by line, because the line with groups, which comes before others,
 * may have 65,536 numbers.
 */
static const char *find_line(uint32_t pid, const char *key, char line[static LINE_SIZE])
{
	const size_t length = strlen(key);
	const char *found = NULL;
	char path[PATH_SIZE];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/status", pid);
	file = fopen(path, "re");
	while (file && !found && fgets(line, LINE_SIZE, file))
		found = strncmp(line, key, length) == 0 ? line + length : NULL;
	if (file)
		fclose(file);
	return found;
}

uint32_t process_of_thread(uint32_t tid)
{
	char text[LINE_SIZE];
	const char *line = find_line(tid, "Tgid:", text);

	return line ? (uint32_t)strtoul(line, NULL, 10) : 0;
}

uint64_t process_peak_rss(uint32_t pid)
{
	char text[LINE_SIZE];
	const char *line = find_line(pid, "VmHWM:", text);

	return line ? strtoull(line, NULL, 10) * 1024 : 0;
}

int process_for_each(int (*visit)(void *data, uint32_t pid), void *data)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int result = 0;

	if (!dir)
		return -errno;
	while (!result && (entry = readdir(dir))) {
		char *end;
		unsigned long pid = strtoul(entry->d_name, &end, 10);

		if (pid && !*end)
			result = visit(data, (uint32_t)pid);
	}
	closedir(dir);
	return result;
}

struct search {
	uint32_t inner;
	uint32_t found;
};

uint32_t process_inner_pid(uint32_t pid)
{
	char text[LINE_SIZE], *end;
	const char *line = find_line(pid, "NSpid:", text);
	unsigned long number = 0;

	/* "NSpid:	4711	3": the last number is the pid in the innermost namespace. */
	for (; line && *line && *line != '\n'; line = end) {
		const unsigned long next = strtoul(line, &end, 10);

		if (end == line)
			break;
		number = next;
	}
	return (uint32_t)number;
}

static int has_inner_pid(void *data, uint32_t pid)
{
	struct search *search = data;

	if (pid == search->inner || process_inner_pid(pid) != search->inner)
		return 0;
	search->found = pid;
	return 1;
}

uint32_t process_by_inner_pid(uint32_t pid)
{
	struct search search = {.inner = pid};

	process_for_each(has_inner_pid, &search);
	return search.found;
}
