/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Makes every switch-in of an agent's run unseen, as on kernels whose tracepoint is silent for some
 * tasks: in the agent's map of CPUs it takes away, over and over, which task was last seen to be
 * switched in. With a time, the CPU's last readings of the clock and of the counters become so much
 * older, as if others had run since, and had counted nothing. Says "found" once the map is there,
 * and goes on until it is killed.
 *
 * usage: unseen AGENT-PID [MILLISECONDS]
 */
#include <dirent.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "bpf/record.h"

static int bpf(enum bpf_cmd command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/* Whether it is an agent's map of CPUs; its number of entries then. */
static uint32_t entries_of(int fd)
{
	struct bpf_map_info info = {0};
	union bpf_attr query = {0};

	query.info.bpf_fd = (uint32_t)fd;
	query.info.info_len = sizeof(info);
	query.info.info = (uint64_t)(uintptr_t)&info;
	if (bpf(BPF_OBJ_GET_INFO_BY_FD, &query) || strcmp(info.name, "cpus") != 0 ||
	    info.value_size != sizeof(struct cpu_state))
		return 0;
	return info.max_entries;
}

/* Of a file in /proc/PID/fdinfo; 0 if it is no map. */
static uint32_t map_id(const char *path)
{
	FILE *file = fopen(path, "re");
	uint32_t id = 0;
	char line[256];

	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		sscanf(line, "map_id: %" SCNu32, &id);
	fclose(file);
	return id;
}

/* A descriptor of the process's map of CPUs, or -1. */
static int find_map(const char *pid, uint32_t *entries)
{
	char path[512];
	const struct dirent *entry;
	DIR *dir;
	int fd = -1;

	snprintf(path, sizeof(path), "/proc/%s/fdinfo", pid);
	dir = opendir(path);
	while (dir && fd < 0 && (entry = readdir(dir))) {
		union bpf_attr get = {0};

		snprintf(path, sizeof(path), "/proc/%s/fdinfo/%s", pid, entry->d_name);
		get.map_id = map_id(path);
		fd = get.map_id ? bpf(BPF_MAP_GET_FD_BY_ID, &get) : -1;
		*entries = fd >= 0 ? entries_of(fd) : 0;
		if (fd >= 0 && !*entries) {
			close(fd);
			fd = -1;
		}
	}
	if (dir)
		closedir(dir);
	return fd;
}

/* A program that writes a CPU's readings takes a few microseconds; a time slice here, hundreds. */
#define WRITTEN_NS 20000

/* A switch-in that is to be hidden: what it wrote, and when that was first seen; by CPU. */
static struct switch_in {
	uint64_t current, enabled_ns, seen_ns;
} * switches;

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Whether all of it is written: what is changed before would be overwritten. */
static bool is_written(const volatile struct cpu_state *cpu, struct switch_in *last)
{
	const struct switch_in seen = {cpu->current, cpu->base[0].enabled_ns, now_ns()};

	if (seen.current == last->current && seen.enabled_ns == last->enabled_ns)
		return seen.seen_ns - last->seen_ns > WRITTEN_NS;
	*last = seen;
	return false;
}

/* Once for each switch. */
static void hide(volatile struct cpu_state *cpu, struct switch_in *last, uint64_t older_ns)
{
	if (cpu->current == 1 || (older_ns && !is_written(cpu, last)))
		return;
	cpu->current = 1;
	if (!older_ns)
		return;
	cpu->since_ns -= older_ns;
	for (int i = 0; i < MAX_COUNTERS; i++) {
		if (cpu->base[i].enabled_ns <= older_ns || cpu->base[i].running_ns <= older_ns)
			continue;
		cpu->base[i].enabled_ns -= older_ns;
		cpu->base[i].running_ns -= older_ns;
	}
}

/*
 * Have the CPU to itself: the switches of others would be seen as well. Goes on without if that is
 * not permitted.
 */
static void take_cpu(void)
{
	const struct sched_param lowest = {.sched_priority = 1};

	if (sched_setscheduler(0, SCHED_FIFO, &lowest))
		perror("unseen: sched_setscheduler");
}

int main(int argc, char **argv)
{
	volatile struct cpu_state *cpus;
	uint64_t older_ns = argc == 3 ? strtoull(argv[2], NULL, 10) * 1000000 : 0;
	uint32_t entries = 0, i;
	int fd;

	if (argc != 2 && argc != 3) {
		fprintf(stderr, "usage: unseen AGENT-PID [MILLISECONDS]\n");
		return 2;
	}
	fd = find_map(argv[1], &entries);
	if (fd < 0) {
		fprintf(stderr, "unseen: %s has no map of CPUs\n", argv[1]);
		return 1;
	}
	cpus = mmap(NULL, entries * sizeof(*cpus), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	switches = calloc(entries, sizeof(*switches));
	if (cpus == MAP_FAILED || !switches) {
		perror("unseen");
		return 1;
	}
	take_cpu();
	puts("found");
	fflush(stdout);
	for (;;) {
		for (i = 0; i < entries; i++)
			hide(&cpus[i], &switches[i], older_ns);
	}
}
