/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The threads of a process: an account for each that lives, one sum for all that have ended, and
 * whether the last one has.
 */
#ifndef SOURCES_PERF_THREADS_H
#define SOURCES_PERF_THREADS_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/record.h"
#include "core/recent.h"

struct process;
struct thread;
struct weights_seen;

/*
 * The living threads of all processes, and the processes with threads whose weights have changed.
 */
struct thread_table {
	struct thread *by_token;
	/* By recent_place() of the token: the thread that was looked up there last. */
	struct thread *recent[RECENT_MAX];
	struct process *unweighed;
	uint32_t first_weight, weights_n; /* among the counters of an account */
};

/* Take the account of a thread that lives. Returns 0 or -ENOMEM. */
int threads_update(struct process *process, const struct task_record *record);

/* The weights of that thread will be taken in a moment: have it in the CPU's cache by then. */
void threads_prefetch(const struct thread_table *table, uint64_t token);

/* Take the weights of a thread that lives. False: it is not known, or has left. */
bool threads_weigh(struct thread_table *table, uint64_t token, const struct weights_seen *seen);

/* What the process's threads gained has been taken: it is no longer among the unweighed. */
void threads_are_weighed(struct process *process);

/* Take a thread that was adopted, and has counted nothing so far. Returns 0 or -ENOMEM. */
int threads_adopt(struct process *process, const struct adopted_record *record);

/* The record of a thread that has left is still to come; threads_expected() recognises it. */
int threads_expect(struct process *process, uint64_t token);
bool threads_expected(const struct process *process, uint64_t token);

/* Whether every thread of the process has ended, by the records that were taken. */
bool threads_are_complete(const struct process *process);

/* Take the last record of a thread: its counts, how it ended, and whether all threads have. */
void threads_end(struct process *process, const struct task_record *record);

/* Whether the record is the one that threads_update() was last called with for its thread. */
bool threads_have(struct thread_table *table, const struct task_record *record);

/* Bring the process's sum up to date: threads that have ended and those that live. */
void threads_sum(struct process *process);

/* How many threads there are without a last record. */
uint32_t threads_alive(const struct process *process);

/* The CPU time that would be in that sum, ns. */
uint64_t threads_cpu_ns(const struct process *process);

/*
 * Whether the record's task has the process's id, as far as is known. After an exec in a thread
 * that is not the leader that thread has the id, which the old leader had before; the old leader's
 * records may come later. The younger of the two names the process.
 */
bool threads_is_first(const struct process *process, const struct task_record *record);

void threads_free(struct process *process);

#endif
