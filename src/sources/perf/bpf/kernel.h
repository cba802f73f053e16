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
	/*
	 * Whether alive() was told an account with this seq already: then it has not changed. NULL:
	 * it is told every time.
	 */
	bool (*is_known)(void *data, const struct task_record *record);
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

/*
 * From now on what the CPU's tasks gain of weights counts so much, in 1 << WEIGHT_FACTOR_BITS, and
 * belongs to that group. The factor is 0 before the first call.
 */
void kernel_set_weighing(struct kernel *kernel, uint32_t cpu, uint32_t group, uint32_t factor);

/* What was weighed on one CPU since the programs were loaded. */
struct kernel_weights {
	uint64_t weights[MAX_WEIGHTS]; /* of everything that ran there */
	uint64_t busy_ns;
};

/*
 * Bring the CPU's weights up to date, and the task that runs there: unless the CPU is idle, when
 * they are, and looking would only wake it. Whether it is idle is known from its first switch to the
 * idle task on; before, it is looked at once. Returns 0, or -ENXIO when the CPU is offline, or
 * another negative errno; the weights are those of the last time then.
 */
int kernel_weigh(struct kernel *kernel, uint32_t cpu, struct kernel_weights *weights);

/* Bring the task that runs on the CPU now up to date. -ENXIO when the CPU is offline. */
int kernel_account_running(struct kernel *kernel, uint32_t cpu);

/* Pass on every record of the ring, then every account that had to wait outside of it. */
int kernel_drain(struct kernel *kernel);

/*
 * Pass on the account of every task that is alive, each as it was at one moment. with_fields: with its
 * fields and its name as they are now, for a system call more for each; else the fields are
 * TASK_FIELD_NONE, and the name is that of its last exec.
 */
int kernel_snapshot(struct kernel *kernel, bool with_fields);

/*
 * How many tasks the last snapshot with fields has found whose end their parent knows of, but whose
 * last switch is still to come: each makes kernel_fd() readable or is in a map soon.
 */
uint32_t kernel_ending(const struct kernel *kernel);

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
