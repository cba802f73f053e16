/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Talking to the loaded BPF programs: records out of the ring, accounts out of the maps, events
 * into them.
 */
#ifndef PERF_KERNEL_H
#define PERF_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "sources/perf/bpf/programs.h"

struct kernel;

/* Who takes what the kernel has to tell. A record is valid during the call only. */
struct kernel_receiver {
	void *data;
	/* Each returns 0, or a negative errno that ends the reading and is returned by it. */
	int (*ended)(void *data, const struct task_record *record);
	int (*executed)(void *data, const struct exec_record *record);
	int (*more_args)(void *data, const struct args_record *record);
	int (*alive)(void *data, const struct task_record *record); /* of kernel_snapshot() */
};

/*
 * Take over loaded programs (not owned) for a run with counters_n counters. The receiver outlives
 * the kernel. Returns 0 or a negative errno, said to the user.
 */
int kernel_new(struct programs *programs, uint32_t counters_n, uint32_t cpus_n,
               const struct kernel_receiver *receiver, struct kernel **kernel);
void kernel_free(struct kernel *kernel);

/* Readable when the ring wants to be drained: for epoll. */
int kernel_fd(const struct kernel *kernel);

/* The next child of the calling thread is the traced command. Returns 0 or a negative errno. */
int kernel_arm(struct kernel *kernel);

/* Counter i of the CPU is read from this perf event from now on. Returns 0 or a negative errno. */
int kernel_set_event(struct kernel *kernel, uint32_t cpu, uint32_t counter, int perf_fd);

/* Before events of a CPU that was offline are set anew: forget its last readings. */
void kernel_clear_base(struct kernel *kernel, uint32_t cpu);

/* Bring the task that runs on the CPU now up to date. -ENXIO when the CPU is offline. */
int kernel_account_running(struct kernel *kernel, uint32_t cpu);

/* Pass on every record of the ring, then every account that had to wait outside of it. */
int kernel_drain(struct kernel *kernel);

/* Pass on the account of every task that is alive, each as it was at one moment. */
int kernel_snapshot(struct kernel *kernel);

/* The traced command's pid, once it was created; else 0. */
uint32_t kernel_root(const struct kernel *kernel);

/* Whether the command ended before its execve() was through: no record tells of it. */
bool kernel_root_gone(const struct kernel *kernel);

/* Tasks of the tree alive now. */
int64_t kernel_alive(const struct kernel *kernel);

/* From now on each ending task makes kernel_fd() readable. */
void kernel_wake_always(struct kernel *kernel);

/* What was lost so far. */
struct losses kernel_losses(const struct kernel *kernel);

#endif
