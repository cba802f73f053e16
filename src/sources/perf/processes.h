/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The processes of the tree, made from the kernel's records: the threads of each folded into
 * one account, from the first record that names it to the last one of its last thread.
 */
#ifndef SOURCES_PERF_PROCESSES_H
#define SOURCES_PERF_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alumet/point.h"
#include "bpf/record.h"
#include "core/hash_table.h"
#include "sources/perf/account.h"

struct thread; /* of threads.c: one that is alive */
struct thread_table;
struct exec; /* arguments that have not all arrived */

/* How far the names of a process that was adopted are known. */
enum process_names {
	NAMES_KNOWN,  /* and passed to the observer; or it was not adopted */
	NAMES_UNREAD, /* only its name is known, comm */
	NAMES_READ,   /* at names_ns; not its own if it executed a program or ended before */
};

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
	bool has_left;      /* it did not end: it was moved out of the watched cgroups */
	const char *cgroup; /* no process, but the sum of those of this cgroup; NULL else */
	uint32_t target;    /* of a watch: which of its targets it belongs to */
	bool is_adopted;    /* it ran before it was watched; begin_ns is when its counts began */
	uint32_t threads_n; /* seen so far, ended and alive */
	uint64_t shared_rss; /* peak memory, of the agent, that the command had before its exec */
	int wait_status;    /* as of waitpid(); once complete */
	uint64_t begin_ns;  /* created; for the root: first exec; or adopted */
	uint64_t exec_ns;   /* last exec; 0: none */
	uint64_t end_ns;    /* last switch of its last thread so far */
	uint64_t shown_user_ns, shown_system_ns; /* in its latest row: fields_shown() */
	char comm[COMM_SIZE];
	char birth_comm[COMM_SIZE];
	char shown_comm[COMM_SIZE]; /* the observer's: the name in its latest row */
	char *exe;  /* path of the last exec, or the parent's; NULL when not known */
	char *args; /* of the last exec, each ended by a NUL; NULL when not known */
	size_t args_length;    /* without the NUL of a last argument that was cut */
	bool args_cut;         /* there were more */
	char rank[RANK_SIZE];  /* in a parallel job, of its launcher's variable; "": none */
	struct account *ended; /* sum over the threads that have ended */
	struct account *sum;   /* ended and alive, when it is visited or has ended */
	uint64_t *gained;      /* of each weight since processes_weigh(); the visitor clears it */
	void *user;            /* the observer's; NULL at first, freed with free() */

	enum process_names names;
	uint64_t names_ns;
	uint32_t adopted_alive; /* threads that were adopted and have not ended */
	bool is_being_adopted;  /* there may be more of them */
	bool leader_ended;
	bool was_oom_victim;
	bool exit_status_is_final;
	bool has_status;    /* wait_status is from a record */
	bool lacks_records; /* it has ended, but last records of its threads were lost */
	uint32_t lost_n;    /* of its threads, those that were seen alive and have no such record */
	uint32_t snapshot;  /* the latest one that had a thread of it, or that it is younger than */
	uint64_t status_ns; /* of the record that wait_status is from */
	bool has_waited;    /* for its exec's records, over one poll */
	uint64_t named_by_ns;   /* when the task was created that comm is of */
	uint64_t balance;       /* see processes.c */
	struct thread *threads; /* those alive */
	struct thread_table *table;
	struct process *prev, *next; /* of those that are unweighed */
	struct exec *exec;
};

/*
 * How it ended is withheld, since the agent's user may observe neither its program nor its
 * creator's; or it is not known, since the record of that was lost.
 */
static inline bool process_status_is_hidden(const struct process *process)
{
	return (process->is_hidden && process->born_hidden) ||
	       (process->lacks_records && !process->has_status);
}

/* Callbacks for each process, in the order of its life. Each returns 0 or a negative errno. */
struct process_observer {
	void *data;
	/* Its first record. Not called for the root, which begins with its exec. */
	int (*started)(void *data, struct process *process);
	/*
	 * Called in the place of started() for one that was adopted, once its names are known; exe
	 * and args may be NULL.
	 */
	int (*adopted)(void *data, struct process *process);
	/* Read exe, args and rank of a process that was adopted, as they are now, before that. */
	void (*read_names)(void *data, struct process *process);
	/*
	 * comm, exe and args of the process are those of the new program; one that is hidden has no
	 * args.
	 */
	int (*executed)(void *data, struct process *process);
	/* Its last thread has ended: sum, wait_status and end_ns are final. It is freed after. */
	int (*ended)(void *data, struct process *process);
};

struct processes;

/* A table whose accounts have counters_n counters; NULL when memory ran out. Observer not owned. */
struct processes *processes_new(uint32_t counters_n, const struct process_observer *observer);
void processes_free(struct processes *table);

/*
 * Take a record of the ring, whatever its type, in the order in which they came; the functions
 * below take one type each. Returns 0 or a negative errno, -EPROTO when its type is not known.
 */
int processes_take(struct processes *table, const struct record_header *record);

int processes_task_ended(struct processes *table, const struct task_record *record);
int processes_executed(struct processes *table, const struct exec_record *record);
int processes_more_args(struct processes *table, const struct args_record *record);
int processes_ranked(struct processes *table, const struct rank_record *record);

/*
 * Take a thread that was adopted. Between the first one and processes_adopted_all() no process that
 * was adopted counts as ended, since there may be more of its threads.
 */
int processes_adopted(struct processes *table, const struct adopted_record *record);
int processes_adopted_all(struct processes *table);

/*
 * Names of processes that were adopted take a few system calls each, and are read afterwards: of at
 * most max processes. Then drain the ring, which may have records of their exec or end before that,
 * and pass the rest to the observer. Returns how many there are to read, or a negative errno.
 */
int processes_read_names(struct processes *table, size_t max);
int processes_pass_names_on(struct processes *table);

/*
 * Take the account of a task that has left the watched cgroups, with TASK_LEFT among its flags, as
 * its last record. When the last thread has left, the process is over here.
 */
int processes_task_left(struct processes *table, const struct task_record *record);

/*
 * The same of one whose account has just left the map: its record is on its way. Returns 0 or
 * -ENOMEM.
 */
int processes_expect_left(struct processes *table, const struct adopted_record *record);

/*
 * Call visit for each process that has not ended, its sum brought up to date; it changes nothing
 * else.
 */
void processes_sum_up(struct processes *table,
                      void (*visit)(void *data, const struct process *process), void *data);

/* Take the account of a living task (kernel_snapshot()). Returns 0 or a negative errno. */
int processes_task_alive(struct processes *table, const struct task_record *record);

/* The weights of a task in one group of CPUs, as they are now. */
struct weights_seen {
	const __u64 *weights;
	uint32_t n, group, groups_n;
};

/*
 * The weights of that task will be taken in a moment: what is known of it is fetched from memory.
 */
void processes_prefetch(struct processes *table, uint64_t token);

/* Take the weights of a living task. False: it is not known, or has ended. */
bool processes_task_weighed(struct processes *table, uint64_t token,
                            const struct weights_seen *seen);

/*
 * Call visit for each process that did something since the last call (all: for every process that
 * is left), its sum brought up to date. One whose exec records have not all come is skipped once.
 * Stops at the first that does not return 0, and returns that.
 */
int processes_for_each(struct processes *table, bool all,
                       int (*visit)(void *data, struct process *process), void *data);

/*
 * Before any process is seen: the counters of an account that are weights, so many from the first
 * one on.
 */
void processes_set_weights(struct processes *table, uint32_t first, uint32_t n);

/*
 * Call visit for each process that gained weight since the last call, which neither has its sum
 * brought up to date nor waits for its arguments. Stops at the first that does not return 0, and
 * returns that.
 */
int processes_weigh(struct processes *table, int (*visit)(void *data, struct process *process),
                    void *data);

/*
 * Where last records were lost: a snapshot begins; it has a task of that process, whether or not
 * its account can be taken.
 */
void processes_begin_snapshot(struct processes *table);
void processes_in_snapshot(struct processes *table, struct process_id id);

/*
 * End the processes of which the snapshot had no task; the records that were made until then have
 * been taken. What is known of each is passed to the observer as of one that has ended.
 * root_status: of the command, as of waitpid(); NULL: it has not ended; now_ns: its end, if the
 * record of that was lost. Returns 0, or what the observer returned.
 */
int processes_end_absent(struct processes *table, uint64_t now_ns, const int *root_status);

/* Whether the record of a living task is one that the table has already: nothing was added. */
bool processes_knows(struct processes *table, const struct task_record *record);

/* Whether the traced command's process has ended. */
bool processes_root_ended(const struct processes *table);

/* Processes that have a record and have not ended. */
size_t processes_left(const struct processes *table);

/* The CPU time of those, ns, as their tasks were last seen. */
uint64_t processes_left_cpu_ns(const struct processes *table);

#endif
