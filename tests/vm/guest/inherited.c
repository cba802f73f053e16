/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The independent truth: counts a command and everything that it creates with perf events that are
 * inherited, as perf stat does, and writes "NAME COUNT ENABLED_NS RUNNING_NS" for each event.
 *
 * usage: inherited FILE EVENT[,EVENT…] COMMAND [ARGUMENT…]
 * EVENT: NAME[:u|:k|:uk], NAME one of those below or r and the hexadecimal number of a raw one.
 * Exits with 77 when an event cannot be opened, else with the command's status.
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define EVENTS_MAX 16
#define CANNOT_OPEN 77

#define CACHE(cache, op, result)                                                                   \
	(PERF_COUNT_HW_CACHE_##cache | PERF_COUNT_HW_CACHE_OP_##op << 8 |                          \
	 PERF_COUNT_HW_CACHE_RESULT_##result << 16)

static const struct {
	const char *name;
	uint32_t type;
	uint64_t config;
} NAMES[] = {
	{"cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
	{"instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS},
	{"L1-dcache-loads", PERF_TYPE_HW_CACHE, CACHE(L1D, READ, ACCESS)},
	{"L1-dcache-load-misses", PERF_TYPE_HW_CACHE, CACHE(L1D, READ, MISS)},
	{"LLC-loads", PERF_TYPE_HW_CACHE, CACHE(LL, READ, ACCESS)},
	{"page-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS},
	{"context-switches", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES},
	{"cpu-migrations", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS},
	{"task-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK},
};

struct event {
	const char *text;
	int fd;
};

struct reading {
	uint64_t count;
	uint64_t enabled_ns;
	uint64_t running_ns;
};

/* Returns 0, -EINVAL for a name that is not known. */
static int parse(const char *text, struct perf_event_attr *attr)
{
	size_t length = strcspn(text, ":"), i;
	const char *modifiers = text + length;

	*attr = (struct perf_event_attr){
		.size = sizeof(*attr),
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
		.disabled = 1,
		.inherit = 1,
		.enable_on_exec = 1,
		.exclude_user = *modifiers && !strchr(modifiers, 'u'),
		.exclude_kernel = *modifiers && !strchr(modifiers, 'k'),
	};
	if (text[0] == 'r' && text[1] >= '0' && text[1] <= '9') {
		attr->type = PERF_TYPE_RAW;
		attr->config = strtoull(text + 1, NULL, 16);
		return 0;
	}
	for (i = 0; i < sizeof(NAMES) / sizeof(*NAMES); i++) {
		if (strlen(NAMES[i].name) != length || strncmp(NAMES[i].name, text, length) != 0)
			continue;
		attr->type = NAMES[i].type;
		attr->config = NAMES[i].config;
		return 0;
	}
	return -EINVAL;
}

/* The events of a process that waits before its exec, which switches them on. */
static size_t open_events(char *list, pid_t pid, struct event *events)
{
	char *text, *position = NULL;
	size_t n = 0;

	for (text = strtok_r(list, ",", &position); text && n < EVENTS_MAX;
	     text = strtok_r(NULL, ",", &position)) {
		struct perf_event_attr attr;
		long fd = -1;

		if (parse(text, &attr) == 0)
			fd = syscall(SYS_perf_event_open, &attr, pid, -1, -1, PERF_FLAG_FD_CLOEXEC);
		if (fd < 0) {
			fprintf(stderr, "inherited: cannot open '%s': %s\n", text, strerror(errno));
			exit(CANNOT_OPEN);
		}
		events[n++] = (struct event){.text = text, .fd = (int)fd};
	}
	return n;
}

/* The counts of a child are added to its parent's as it exits, before it can be waited for. */
static int write_counts(const char *path, const struct event *events, size_t n)
{
	FILE *file = fopen(path, "w");
	size_t i;

	if (!file)
		return -errno;
	for (i = 0; i < n; i++) {
		struct reading reading = {0};

		if (read(events[i].fd, &reading, sizeof(reading)) != sizeof(reading))
			perror(events[i].text);
		fprintf(file, "%s %llu %llu %llu\n", events[i].text,
		        (unsigned long long)reading.count, (unsigned long long)reading.enabled_ns,
		        (unsigned long long)reading.running_ns);
	}
	return fclose(file) ? -errno : 0;
}

int main(int argc, char **argv)
{
	struct event events[EVENTS_MAX];
	int start[2], status;
	char byte;
	size_t n;
	pid_t pid;

	if (argc < 4) {
		fprintf(stderr, "usage: inherited FILE EVENT[,EVENT...] COMMAND [ARGUMENT...]\n");
		return 2;
	}
	if (pipe(start) != 0)
		return 2;
	pid = fork();
	if (pid == 0) {
		close(start[1]);
		if (read(start[0], &byte, 1) != 1)
			_exit(2);
		close(start[0]);
		execvp(argv[3], argv + 3);
		perror(argv[3]);
		_exit(127);
	}
	close(start[0]);
	n = open_events(argv[2], pid, events);
	if (write(start[1], "s", 1) != 1 || waitpid(pid, &status, 0) != pid)
		return 2;
	if (write_counts(argv[1], events, n) != 0)
		return 2;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
