/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The BPF programs and maps in the kernel: loading, attaching, descriptors. There are two loaders of
 * the same object, and only programs.c knows which one runs: the light skeleton, where the kernel
 * itself relocates (a quarter of the start-up time, Linux 6.1 and newer, light_loader.h), and libbpf's,
 * which works everywhere and explains what fails.
 */
#ifndef PERF_PROGRAMS_H
#define PERF_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/record.h"

/* What a run needs of the kernel; decided before anything is loaded. */
struct programs_request {
	uint32_t counters_n; /* events × PMUs, MAX_COUNTERS at most */
	bool sparse;         /* some CPUs lack some of the counters */
	uint32_t weights_n;  /* MAX_WEIGHTS at most; 0: nothing is weighed */
	uint32_t groups_n;   /* of CPUs whose weights are kept apart */
	struct weight_config weights[MAX_WEIGHTS];
	bool restricted;     /* programs that the agent's user may not observe are not counted */
	uint32_t cpus_n;     /* the highest possible CPU number + 1 */
	uint32_t tasks_max;  /* threads alive at once; 0: by the machine and the kernel */
	uint32_t ring_bytes; /* a power of two, at least a page; 0: programs_ring_bytes() */
};

/* Slots of an account that the run uses: its counters, and its weights in each group. */
static inline uint32_t programs_slots(const struct programs_request *request)
{
	return request->counters_n + request->weights_n * request->groups_n;
}

/* The size that the ring has by default, by the number of CPUs that write into it. */
uint32_t programs_ring_bytes(uint32_t cpus_n);

struct programs {
	void *skeleton; /* of whichever loader */
	bool is_light;
	int tasks_fd, reserves_fd, ring_fd, events_fd, cpus_fd;
	int reserve_fd; /* of programs_add_reserve(); -1: none yet */
	int arm_fd;     /* the program that the agent runs before the command */
	int demand_fd;  /* the one that it runs when it looks; 0: not loaded yet; or an error */
	struct run_state *run; /* shared with the programs */
};

/*
 * Load the programs. Returns 0; -EPERM, -ENOENT, … after telling the user which capability, kernel
 * option or setting is missing, and the command that mends it.
 */
int programs_load(const struct programs_request *request, struct programs *programs);

/* Attach them to their tracepoints. Returns 0 or a negative errno after telling the user. */
int programs_attach(struct programs *programs);

/*
 * Give ended accounts a large map to wait in when the ring is full, in programs->reserve_fd. To be done
 * while the command runs: it takes milliseconds. Returns 0 or a negative errno.
 */
int programs_add_reserve(struct programs *programs);

/*
 * The program that the agent runs when it looks, loaded now unless it is. To be called with privileges
 * raised. Returns a descriptor, which is not the caller's, or a negative errno, the first time after
 * telling the user.
 */
int programs_demand_fd(struct programs *programs);

/* Closes every descriptor, which is what unloads: nothing is pinned. Takes a zeroed struct. */
void programs_unload(struct programs *programs);

#endif
