/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The interface to the loaded BPF programs: reads records from the ring and accounts from the maps,
 * and sets the perf events.
 */
#ifndef SOURCES_PERF_BPF_KERNEL_H
#define SOURCES_PERF_BPF_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "sources/perf/bpf/programs.h"

struct kernel;
struct processes;

/*
 * Use the programs, which were loaded for the request and are not owned. What they record goes into
 * the table of processes, which must outlive the kernel. Returns 0 or a negative errno, logged.
 */
int kernel_new(struct programs *programs, const struct programs_request *request,
               struct processes *processes, struct kernel **kernel);
void kernel_free(struct kernel *kernel);

/* A descriptor for epoll, readable when the ring has to be drained. */
int kernel_fd(const struct kernel *kernel);

/* Make the next child of the calling thread the traced command. Returns 0 or a negative errno. */
int kernel_arm(struct kernel *kernel);

/* Read counter i of the CPU from this perf event from now on. Returns 0 or a negative errno. */
int kernel_set_event(struct kernel *kernel, uint32_t cpu, uint32_t counter, int perf_fd);

/*
 * The CPU's events are set; those of the counters in the mask, bit i for counter i, it does not
 * have. Before, a reading that finds no event is one that failed.
 */
void kernel_set_absent(struct kernel *kernel, uint32_t cpu, uint32_t mask);

/* Forget the last readings of a CPU that was offline, before its events are set anew. */
void kernel_clear_base(struct kernel *kernel, uint32_t cpu);

/*
 * Set the group and the factor, in 1 << WEIGHT_FACTOR_BITS, for what the CPU's tasks gain of
 * weights from now on. The factor is initially 0. Ignores a CPU that cannot exist on this machine,
 * because tests may simulate another machine's list of CPUs.
 */
void kernel_set_weighing(struct kernel *kernel, uint32_t cpu, uint32_t group, uint32_t factor);

/* The weights of one CPU since the programs were loaded. */
struct kernel_weights {
	uint64_t weights[MAX_WEIGHTS]; /* of everything that ran there */
	uint64_t busy_ns;
};

/*
 * Update the weights of the CPU and of the task that runs there. An idle CPU is left alone: its
 * weights are up to date, and running a program there would wake it. Until its first switch to the
 * idle task, it is not known to be idle, and is updated once. Returns 0, -ENXIO if the CPU is
 * offline, or another negative errno; on errors the weights are those of the previous call.
 */
int kernel_weigh(struct kernel *kernel, uint32_t cpu, struct kernel_weights *weights);

/* Whether something was weighed on the CPU so far. Not on one that cannot exist on this machine. */
bool kernel_has_weights(const struct kernel *kernel, uint32_t cpu);

/* Make room for accounts on the CPU, before tasks are adopted. Returns -ENXIO if it is offline. */
int kernel_make_room(struct kernel *kernel, uint32_t cpu);

/* Update the task that runs on the CPU now. Returns -ENXIO if the CPU is offline. */
int kernel_account_running(struct kernel *kernel, uint32_t cpu);

/*
 * Whether a task of the tree may run on the CPU, by its last switch that was seen. Always true
 * without counters and weights, because nothing is known of CPUs then, and once a switch went
 * unseen.
 */
bool kernel_may_run(const struct kernel *kernel, uint32_t cpu);

/* Pass all records in the ring to processes_take(), then all accounts that found the ring full. */
int kernel_drain(struct kernel *kernel);

/*
 * Pass a consistent copy of each living task's account to processes_task_alive(). with_fields: with
 * its current fields and name, which costs a system call for each; else the fields are
 * TASK_FIELD_NONE, and the name is that of its last exec.
 */
int kernel_snapshot(struct kernel *kernel, bool with_fields);

/*
 * Pass the weights of tasks that have run since the last call to processes_task_weighed(). Sleeping
 * tasks cost nothing, and known tasks no system call. The account of an unknown task is read as by
 * kernel_snapshot(). Only if weights are kept.
 *
 * Call kernel_begin_round() before, and after kernel_weigh() for all CPUs, which notes the running
 * tasks. A program that is noting a change at that moment takes another microsecond: drain the ring
 * in between.
 */
void kernel_begin_round(struct kernel *kernel);
int kernel_take_changes(struct kernel *kernel);

/*
 * Read the account of one task, by its address, with its current fields. Returns 0, -ENOENT if the
 * task no longer has one, or another negative errno.
 */
int kernel_read_account(struct kernel *kernel, uint64_t task, struct task_record *account);

/*
 * The number of tasks in the last snapshot with fields whose parent was notified of their end, but
 * whose last switch is still to come. Each soon makes kernel_fd() readable, or is in a map.
 */
uint32_t kernel_ending(const struct kernel *kernel);

/* The traced command's pid, or 0 until it is created. */
uint32_t kernel_root(const struct kernel *kernel);

/* Whether the command ended before execve() returned, so that it has no record. */
bool kernel_root_gone(const struct kernel *kernel);

/* The number of living tasks of the tree. */
int64_t kernel_alive(const struct kernel *kernel);

/* Make kernel_fd() readable at each end of a task from now on. */
void kernel_wake_always(struct kernel *kernel);

/* How many records have come through the ring. */
uint64_t kernel_records(const struct kernel *kernel);

/* The losses so far. */
struct losses kernel_losses(const struct kernel *kernel);

#endif
