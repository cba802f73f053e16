/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The processes of the tree as the kernel's records tell of them: the threads of each folded into
 * one account, from the first record that names it to the last one of its last thread.
 */
#ifndef PERF_PROCESSES_H
#define PERF_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An element that finds no memory is left out, its hh.tbl NULL, instead of ending the program. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "bpf/record.h"

/* Numbers of one thread, or of the threads together, as fields.h folds them. */
struct account {
	/* Of counters: what the table was made for, the events' counters and then the weights. */
	uint32_t counters_n;
	struct kernel_counts kernel;
	__u64 fields[TASK_FIELDS_N]; /* by enum task_field */
	uint64_t slices;             /* time slices whose counts are estimates */
	/* And, unless slices is 0, after them as many numbers of 64 bits: account_estimated(). */
	struct counter counters[];
};

/* How much of each count is estimated; there is none if slices is 0. */
static inline __u64 *account_estimated(struct account *account)
{
	return (__u64 *)&account->counters[account->counters_n];
}

struct thread; /* one that is alive, as last seen */
struct exec;   /* arguments that are still being put together */

struct process {
	UT_hash_handle hh;
	struct process_id id;
	struct process_id parent;
	uint32_t number; /* 1: the first life of its pid in this run; 2: the next one; … */
	bool is_root;
	bool executed;
	bool is_hidden;     /* the agent's user may not observe its program */
	bool born_hidden;   /* nor the program that created it */
	bool oom_killed;    /* ended by SIGKILL, and the OOM killer had chosen it */
	bool is_complete;   /* every thread has ended */
	bool is_unweighed;  /* since processes_weigh() last passed it on */
	bool has_changed;   /* since processes_for_each() last passed it on */
	uint32_t threads_n; /* seen so far, ended and alive */
	int wait_status;    /* as of waitpid(); once complete */
	uint64_t begin_ns;  /* created; for the root: first exec */
	uint64_t exec_ns;   /* last exec; 0: none */
	uint64_t end_ns;    /* last switch of its last thread so far */
	char comm[COMM_SIZE];
	char birth_comm[COMM_SIZE];
	char told_comm[COMM_SIZE]; /* the observer's: the name that it has told */
	char *exe;                 /* path of the last exec, or the parent's; NULL when not known */
	char *args;                /* of the last exec, each ended by a NUL; NULL when not known */
	size_t args_length;
	bool args_cut;         /* there were more */
	struct account *ended; /* sum over the threads that have ended */
	struct account *sum;   /* ended and alive, when it is visited or has ended */
	uint64_t *weighed;     /* the weigher's: what was told of each weight; freed with free() */
	void *user;            /* the observer's; NULL at first, freed with free() */

	bool leader_ended;
	bool was_oom_victim;
	bool exit_status_is_final;
	uint64_t status_ns;   /* of the record that wait_status is from */
	bool has_waited;      /* for its exec's records, over one look */
	uint64_t named_by_ns; /* when the task was created that comm is of */
	uint64_t balance;     /* see processes.c */
	struct thread *threads;
	struct exec *exec;
};

/* How it ended may not be told: the agent's user may observe neither its program nor its creator's. */
static inline bool process_status_is_hidden(const struct process *process)
{
	return process->is_hidden && process->born_hidden;
}

/* Told about each process in the order of its life. Each returns 0 or a negative errno. */
struct process_observer {
	void *data;
	/* Seen for the first time. Not for the root, which begins with its exec. */
	int (*started)(void *data, struct process *process);
	/* comm, exe and args of the process are those of the new program; one that is hidden has no args. */
	int (*executed)(void *data, struct process *process);
	/* Its last thread has ended: sum, wait_status and end_ns are final. It is freed after. */
	int (*ended)(void *data, struct process *process);
};

struct processes;

/* A table whose accounts have counters_n counters; NULL when memory ran out. Observer not owned. */
struct processes *processes_new(uint32_t counters_n, const struct process_observer *observer);
void processes_free(struct processes *table);

/* Records of the kernel, in the order in which they came. Return 0 or a negative errno. */
int processes_task_ended(struct processes *table, const struct task_record *record);
int processes_task_alive(struct processes *table, const struct task_record *record);
int processes_executed(struct processes *table, const struct exec_record *record);
int processes_more_args(struct processes *table, const struct args_record *record);

/*
 * Call visit for each process that did something since the last call (all: for every process that
 * is left), its sum brought up to date. One whose exec is still being told is passed over once.
 * Stops at the first that does not return 0, and returns that.
 */
int processes_for_each(struct processes *table, bool all,
                       int (*visit)(void *data, struct process *process), void *data);

/*
 * The same as processes_for_each() for the weights, which are looked at in intervals of their own.
 * Arguments that are still being told matter nothing to them.
 */
int processes_weigh(struct processes *table, int (*visit)(void *data, struct process *process),
                    void *data);

/* Whether the record of a living task is one that the table was told already: nothing was added. */
bool processes_knows(struct processes *table, const struct task_record *record);

/* Whether the traced command's process has ended. */
bool processes_root_ended(const struct processes *table);

/* Processes that were heard of and have not ended. */
size_t processes_left(const struct processes *table);

#endif
