/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/threads.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "core/hash_table.h"
#include "sources/perf/processes.h"

/* Most processes have one thread, and every process has a table of them. */
#undef HASH_INITIAL_NUM_BUCKETS
#undef HASH_INITIAL_NUM_BUCKETS_LOG2
#define HASH_INITIAL_NUM_BUCKETS 2U
#define HASH_INITIAL_NUM_BUCKETS_LOG2 1U

struct thread {
	uint64_t token;
	struct process *process;
	struct thread *prev, *next; /* of the process */
	uint32_t seq;
	bool has_left;     /* its record is to come */
	UT_hash_handle hh; /* of the table */
	struct account account;
};

static struct thread *find_in(struct thread_table *table, uint64_t token)
{
	struct thread **recent = &table->recent[recent_place(token, 0)];
	struct thread *thread = *recent;

	if (thread && thread->token == token)
		return thread;
	HASH_FIND(hh, table->by_token, &token, sizeof(token), thread);
	if (thread)
		*recent = thread;
	return thread;
}

void threads_prefetch(const struct thread_table *table, uint64_t token)
{
	const struct thread *thread = table->recent[recent_place(token, 0)];

	if (!thread)
		return;
	__builtin_prefetch(thread, 1);
	__builtin_prefetch(&thread->account.counters[table->first_weight], 1);
}

static struct thread *find(const struct process *process, uint64_t token)
{
	struct thread *thread = find_in(process->table, token);

	return thread && thread->process == process ? thread : NULL;
}

static void mark_unweighed(struct process *process)
{
	if (process->is_unweighed)
		return;
	process->is_unweighed = true;
	DL_APPEND(process->table->unweighed, process);
}

void threads_are_weighed(struct process *process)
{
	if (!process->is_unweighed)
		return;
	process->is_unweighed = false;
	DL_DELETE(process->table->unweighed, process);
}

/*
 * One weight of a thread is now more than it was. It may be less: what a CPU has noted may be older
 * than what another one has, or than the account that was read.
 */
static void gain(struct process *process, uint32_t i, uint64_t before, uint64_t now)
{
	if (now > before)
		process->gained[i] += now - before;
}

/* The weights of a record; thread: what is known of them, or NULL. */
static void gain_all(struct process *process, const struct thread *thread,
                     const struct task_record *record)
{
	const struct thread_table *table = process->table;

	for (uint32_t i = 0; i < table->weights_n; i++) {
		const uint32_t slot = table->first_weight + i;

		gain(process, i, thread ? thread->account.counters[slot].count : 0,
		     record->counters[slot].count);
	}
}

static struct thread *create(struct process *process, uint64_t token)
{
	const uint32_t counters_n = process->sum->counters_n;
	struct thread *thread =
		calloc(1, sizeof(*thread) - sizeof(thread->account) + account_size(counters_n));

	if (!thread)
		return NULL;
	thread->token = token;
	thread->account.counters_n = counters_n;
	thread->process = process;
	HASH_ADD(hh, process->table->by_token, token, sizeof(thread->token), thread);
	if (!thread->hh.tbl) {
		free(thread);
		return NULL;
	}
	DL_APPEND(process->threads, thread);
	process->threads_n++;
	return thread;
}

static void destroy(struct thread *thread)
{
	struct process *process = thread->process;
	struct thread **recent = &process->table->recent[recent_place(thread->token, 0)];

	if (*recent == thread)
		*recent = NULL;
	HASH_DEL(process->table->by_token, thread);
	DL_DELETE(process->threads, thread);
	free(thread);
}

int threads_adopt(struct process *process, const struct adopted_record *record)
{
	if (find(process, record->token))
		return 0;
	if (!create(process, record->token))
		return -ENOMEM;
	process->adopted_alive++;
	return 0;
}

int threads_expect(struct process *process, uint64_t token)
{
	struct thread *thread = find(process, token);

	if (!thread)
		thread = create(process, token);
	if (!thread)
		return -ENOMEM;
	thread->has_left = true;
	return 0;
}

bool threads_expected(const struct process *process, uint64_t token)
{
	const struct thread *thread = find(process, token);

	return thread && thread->has_left;
}

int threads_update(struct process *process, const struct task_record *record)
{
	struct thread *thread = find(process, record->token);

	if (!thread)
		thread = create(process, record->token);
	if (!thread)
		return -ENOMEM;
	if (thread->seq != record->seq) {
		process->has_changed = true;
		mark_unweighed(process);
	}
	thread->seq = record->seq;
	gain_all(process, thread, record);
	account_set(&thread->account, record);
	return 0;
}

bool threads_weigh(struct thread_table *table, uint64_t token, const struct weights_seen *seen)
{
	struct thread *thread = find_in(table, token);

	if (!thread || thread->has_left)
		return false;
	for (uint32_t w = 0; w < seen->n; w++) {
		const uint32_t i = seen->group + w * seen->groups_n;
		__u64 *weight = &thread->account.counters[table->first_weight + i].count;

		gain(thread->process, i, *weight, seen->weights[w]);
		if (seen->weights[w] > *weight)
			*weight = seen->weights[w];
	}
	mark_unweighed(thread->process);
	return true;
}

/*
 * Whether all threads of a process have ended, without counting the living in the kernel: each
 * thread was created by another one of the process, but for the leader, and a record has the number
 * of threads that its own created. For each of them the creator's mixed token is added to the
 * balance, and for each thread that ends its creator's is subtracted: 0 means that every thread
 * created by an ended one has ended, too; with the leader among the ended that is every thread of
 * the process. Records may come in any order.
 *
 * Threads that were adopted have no creator in the watched set. How many of a process there are is
 * known once all were adopted; they stand in for the leader, which may have ended before.
 */
static void update_balance(struct process *process, const struct task_record *record)
{
	process->balance += record->created * hash_mix(record->token);
	if (record->flags & TASK_LEADER)
		process->leader_ended = true;
	else if (!(record->flags & TASK_ADOPTED))
		process->balance -= hash_mix(record->creator_token);
	process->is_complete = threads_are_complete(process);
}

bool threads_are_complete(const struct process *process)
{
	if (process->is_adopted)
		return !process->is_being_adopted && !process->adopted_alive &&
		       process->balance == 0;
	return process->leader_ended && process->balance == 0;
}

bool threads_is_first(const struct process *process, const struct task_record *record)
{
	return record->tid == process->id.pid && record->start_ns >= process->named_by_ns;
}

/*
 * What wait() returns: the process's exit code once there is one, else that of its leader. The bit
 * for a dumped core is set in the code only once the core is written, so the last record's code is
 * the complete one.
 */
static void take_exit_code(struct process *process, const struct task_record *record)
{
	if (record->flags & TASK_GROUP_EXIT) {
		if (process->exit_status_is_final && record->header.time_ns < process->status_ns)
			return;
		process->wait_status = record->exit_code;
		process->status_ns = record->header.time_ns;
		process->has_status = true;
		process->exit_status_is_final = true;
	} else if (threads_is_first(process, record) && !process->exit_status_is_final) {
		process->wait_status = record->exit_code;
		process->has_status = true;
	}
}

void threads_end(struct process *process, const struct task_record *record)
{
	struct thread *thread = find(process, record->token);

	gain_all(process, thread, record);
	if (thread) {
		destroy(thread);
		process->adopted_alive -= (record->flags & TASK_ADOPTED) != 0;
	} else {
		process->threads_n++;
	}
	account_add_task(process->ended, record);
	process->was_oom_victim |= (record->flags & TASK_OOM_VICTIM) != 0;
	process->has_changed = true;
	mark_unweighed(process);
	if (record->header.time_ns > process->end_ns)
		process->end_ns = record->header.time_ns;
	if (!(record->flags & TASK_LEFT))
		take_exit_code(process, record);
	update_balance(process, record);
}

bool threads_have(struct thread_table *table, const struct task_record *record)
{
	const struct thread *thread = find_in(table, record->token);

	return thread && thread->seq == record->seq;
}

void threads_sum(struct process *process)
{
	struct thread *thread;

	memcpy(process->sum, process->ended, account_size(process->ended->counters_n));
	DL_FOREACH(process->threads, thread)
	{
		account_add(process->sum, &thread->account);
	}
}

uint64_t threads_cpu_ns(const struct process *process)
{
	uint64_t cpu_ns = process->ended->kernel.cpu_ns;
	const struct thread *thread;

	DL_FOREACH(process->threads, thread)
	{
		cpu_ns += thread->account.kernel.cpu_ns;
	}
	return cpu_ns;
}

uint32_t threads_alive(const struct process *process)
{
	const struct thread *thread;
	uint32_t n;

	DL_COUNT(process->threads, thread, n);
	return n;
}

void threads_free(struct process *process)
{
	threads_are_weighed(process);
	while (process->threads)
		destroy(process->threads);
}
