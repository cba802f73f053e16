/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The arguments and results of the loaders (light.h, libbpf.h). */
#ifndef SOURCES_PERF_BPF_PROGRAMS_TYPES_H
#define SOURCES_PERF_BPF_PROGRAMS_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/record.h"

/* What a run needs from the kernel, decided before anything is loaded. */
struct programs_request {
	uint32_t counters_n; /* events × PMUs, MAX_COUNTERS at most */
	bool sparse;         /* some CPUs lack some of the counters */
	/* Bit i: for counter i, counters_always_on() is true; not for weights. */
	uint32_t always_on;
	uint32_t weights_n;  /* MAX_WEIGHTS at most; 0: no weights */
	uint32_t groups_n;   /* of CPUs with separate weights */
	struct weight_config weights[MAX_WEIGHTS];
	bool tracepoints;    /* a counter is a tracepoint: attach the programs after it */
	bool restricted;     /* programs that the agent's user may not observe are not counted */
	bool watches;        /* tasks are adopted, by adoption.h; no command is started */
	/* Of variables that may hold a rank, NULL-terminated; or NULL. */
	const char *const *rank_names;
	uint32_t cpus_n;     /* the highest possible CPU number + 1 */
	uint32_t cpus_expected; /* programs_cpus_expected(); 0: cpus_n */
	uint32_t tasks_max;  /* living threads at most; 0: depends on the machine and the kernel */
	bool adopts_many;    /* set by programs_load(): the map of tasks is preallocated */
	uint32_t ring_bytes; /* a power of two, at least a page; 0: programs_ring_bytes() */
};

/* Slots of an account: the counters, and the weights in each group. */
static inline uint32_t programs_slots(const struct programs_request *request)
{
	return request->counters_n + request->weights_n * request->groups_n;
}

/*
 * Changes that a CPU can note between two samples of the weights: a power of two, of 48 bytes each.
 * When tasks move between two CPUs, each notes nearly all of them.
 */
static inline uint32_t programs_changes(const struct programs_request *request)
{
	uint32_t n = 1024;

	while (n > 128 && n * request->cpus_n > 64 * 1024)
		n /= 2;
	return request->weights_n ? n : 1;
}

struct programs {
	void *skeleton; /* of either loader */
	bool is_light;
	int tasks_fd, reserves_fd, ring_fd, events_fd, cpus_fd, changes_fd;
	int bss_fd;            /* of the programs' variables */
	int reserve_fd;        /* set by programs_add_reserve(); -1: none yet */
	int arm_fd;            /* the program to run before the command, with a context of 0 */
	/* The program to run at a poll; 0: not loaded yet; or a negative errno. */
	int demand_fd;
	struct run_state *run; /* shared with the programs */
	uint32_t adoptable_n;  /* in a watch: about how many tasks are alive; else 0 */
};

#endif
