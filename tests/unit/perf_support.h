/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For the tests of the perf source: records as the kernel makes them, and what became of them. */
#ifndef TESTS_UNIT_PERF_SUPPORT_H
#define TESTS_UNIT_PERF_SUPPORT_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sources/perf/processes.h"

/* --- records ---------------------------------------------------------------------------------- */

static inline struct process_id process_id(uint32_t pid, uint64_t start_ns)
{
	return (struct process_id){.pid = pid, .start_ns = start_ns};
}

/* A thread that has done nothing; its token as the kernel's part makes it. */
static inline struct task_record thread_of(struct process_id process, uint32_t tid,
                                           uint64_t start_ns)
{
	struct task_record record = {
		.header = {.type = RECORD_TASK, .size = sizeof(record), .time_ns = start_ns},
		.process = process,
		.tid = tid,
		.start_ns = start_ns,
		.token = start_ns << 22 | tid,
		.comm = "thread",
		.birth_comm = "parent",
	};

	return record;
}

/* The first thread of a process. */
static inline struct task_record leader_of(struct process_id process)
{
	struct task_record record = thread_of(process, process.pid, process.start_ns);

	record.flags = TASK_LEADER;
	strcpy(record.comm, "leader");
	return record;
}

/* A thread that creator, of the same process, has created. */
static inline struct task_record thread_from(struct task_record *creator, uint32_t tid,
                                             uint64_t start_ns)
{
	struct task_record record = thread_of(creator->process, tid, start_ns);

	record.parent = creator->parent;
	record.creator_token = creator->token;
	creator->created++;
	return record;
}

/* The record as it is when the thread has ended. */
static inline struct task_record ended_at(struct task_record record, uint64_t time_ns)
{
	record.header.time_ns = time_ns;
	record.flags |= TASK_ENDED;
	return record;
}

/* args: length bytes, of which total there are, the record having the first ARGS_CHUNK at most. */
static inline struct exec_record exec_of(struct process_id process, uint64_t time_ns,
                                         const char *path, const char *args, size_t length,
                                         size_t total)
{
	struct exec_record record = {
		.header = {.type = RECORD_EXEC, .time_ns = time_ns},
		.process = process,
		.birth_comm = "parent",
		.path_length = (uint32_t)strlen(path),
		.args_length = (uint32_t)(length < ARGS_CHUNK ? length : ARGS_CHUNK),
		.args_total = (uint32_t)total,
	};
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;

	memcpy(record.comm, name, strnlen(name, COMM_SIZE - 1));
	memcpy(record.data, path, record.path_length);
	memcpy(record.data + record.path_length, args, record.args_length);
	return record;
}

static inline struct args_record args_of(struct process_id process, const char *args, size_t offset,
                                         size_t length)
{
	struct args_record record = {
		.header = {.type = RECORD_ARGS},
		.process = process,
		.offset = (uint32_t)offset,
		.length = (uint32_t)length,
	};

	memcpy(record.data, args + offset, length);
	return record;
}

/* --- what the observer was told --------------------------------------------------------------- */

enum told_what { TOLD_STARTED, TOLD_ADOPTED, TOLD_EXECUTED, TOLD_ENDED };

struct told {
	enum told_what what;
	struct process_id id;
	struct process_id parent;
	char comm[COMM_SIZE];
	char exe[64]; /* "" where there was none */
	char rank[RANK_SIZE];
	bool is_root, executed, is_complete;
	int wait_status;
	uint64_t begin_ns, exec_ns, end_ns;
	uint32_t threads_n, lost_n;
	bool is_status_hidden;
	uint32_t number;
	bool oom_killed;
	struct kernel_counts kernel; /* at the end */
	__u64 fields[TASK_FIELDS_N];
	struct counter counters[MAX_COUNTERS];
	char *args; /* at an exec; n_args bytes */
	size_t n_args;
	bool is_cut;
};

struct witness {
	struct process_observer observer;
	struct processes *table;
	uint32_t counters_n;
	struct told *told;
	size_t n;
	int result;      /* what the observer returns */
	uint64_t now_ns; /* when names of adopted processes are read: each is "/bin/read" then */
};

static inline struct told *witness_add(struct witness *witness, enum told_what what,
                                       const struct process *process)
{
	struct told *told;

	witness->told = realloc(witness->told, (witness->n + 1) * sizeof(*witness->told));
	told = &witness->told[witness->n++];
	*told = (struct told){
		.what = what,
		.id = process->id,
		.parent = process->parent,
		.is_root = process->is_root,
		.executed = process->executed,
		.is_complete = process->is_complete,
		.wait_status = process->wait_status,
		.begin_ns = process->begin_ns,
		.exec_ns = process->exec_ns,
		.end_ns = process->end_ns,
		.threads_n = process->threads_n,
		.lost_n = process->lost_n,
		.is_status_hidden = process_status_is_hidden(process),
		.number = process->number,
		.oom_killed = process->oom_killed,
		.kernel = process->sum->kernel,
	};
	memcpy(told->fields, process->sum->fields, sizeof(told->fields));
	memcpy(told->counters, process->sum->counters,
	       witness->counters_n * sizeof(struct counter));
	memcpy(told->comm, process->comm, COMM_SIZE);
	memcpy(told->rank, process->rank, RANK_SIZE);
	if (process->exe)
		memcpy(told->exe, process->exe, strnlen(process->exe, sizeof(told->exe) - 1));
	return told;
}

static inline int witness_started(void *data, struct process *process)
{
	struct witness *witness = data;

	witness_add(witness, TOLD_STARTED, process);
	return witness->result;
}

static inline int witness_adopted(void *data, struct process *process)
{
	struct witness *witness = data;

	witness_add(witness, TOLD_ADOPTED, process);
	return witness->result;
}

static inline void witness_read_names(void *data, struct process *process)
{
	const struct witness *witness = data;

	process->names = NAMES_READ;
	process->names_ns = witness->now_ns;
	process->exe = strdup("/bin/read");
}

static inline int witness_executed(void *data, struct process *process)
{
	struct witness *witness = data;
	struct told *told = witness_add(witness, TOLD_EXECUTED, process);

	told->args = malloc(process->args_length + 1);
	memcpy(told->args, process->args, process->args_length);
	told->n_args = process->args_length;
	told->is_cut = process->args_cut;
	return witness->result;
}

static inline int witness_ended(void *data, struct process *process)
{
	struct witness *witness = data;

	witness_add(witness, TOLD_ENDED, process);
	return witness->result;
}

static inline void witness_init(struct witness *witness, uint32_t counters_n)
{
	*witness = (struct witness){
		.observer = {.data = witness,
	                     .started = witness_started,
	                     .adopted = witness_adopted,
	                     .read_names = witness_read_names,
	                     .executed = witness_executed,
	                     .ended = witness_ended},
		.counters_n = counters_n,
	};
	witness->table = processes_new(counters_n, &witness->observer);
	if (!witness->table)
		abort();
}

/* Forgets what was told so far. */
static inline void witness_forget(struct witness *witness)
{
	while (witness->n)
		free(witness->told[--witness->n].args);
}

static inline void witness_fini(struct witness *witness)
{
	processes_free(witness->table);
	witness_forget(witness);
	free(witness->told);
}

/* How often this was told of any process. */
static inline size_t witness_count(const struct witness *witness, enum told_what what)
{
	size_t n = 0;

	for (size_t i = 0; i < witness->n; i++)
		n += witness->told[i].what == what;
	return n;
}

#endif
