/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/processes.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "sources/perf/process_table.h"
#include "sources/perf/ranks.h"
#include "sources/perf/threads.h"

/* --- exec ------------------------------------------------------------------------------------- */

/* All arguments have arrived, or no more will come. */
static int finish_exec(struct processes *table, struct process *process)
{
	struct exec *exec = process->exec;

	if (!exec)
		return 0;
	process->exec = NULL;
	process->args_length = exec->length;
	process->args_cut = exec->length < exec->total;
	free(process->args);
	process->args = malloc(exec->length + 1);
	if (process->args) {
		memcpy(process->args, exec->args, exec->length);
		process->args[exec->length] = '\0';
	}
	free(exec);
	return process->args ? table->observer->executed(table->observer->data, process) : -ENOMEM;
}

static int begin_exec(struct process *process, const struct exec_record *record)
{
	uint32_t expected = record->args_total < ARGS_MAX ? record->args_total : ARGS_MAX;
	struct exec *exec = malloc(sizeof(*exec) + expected);
	char *exe = strndup(record->data, record->path_length);

	if (!exec || !exe) {
		free(exec);
		free(exe);
		return -ENOMEM;
	}
	exec->total = record->args_total;
	exec->expected = record->args_length ? expected : 0;
	exec->length = record->args_length;
	memcpy(exec->args, record->data + record->path_length, record->args_length);
	process->exec = exec;
	free(process->exe);
	process->exe = exe;
	return 0;
}

int processes_executed(struct processes *table, const struct exec_record *record)
{
	struct process *process;
	int err = process_find_or_start(table, record->process, record->parent, record->birth_comm,
	                                record->is_root, false, &process);

	/* Of the exec before, whose last arguments were lost. */
	if (!err)
		err = finish_exec(table, process);
	if (err)
		return err;
	err = process_pass_names_on(table, process, record->header.time_ns);
	if (err)
		return err;
	if (process->is_root && !process->exec_ns && !process->is_adopted)
		process->begin_ns = record->header.time_ns;
	process->executed = true;
	process->is_hidden = record->is_hidden;
	process->exec_ns = record->header.time_ns;
	memcpy(process->comm, record->comm, COMM_SIZE);
	err = begin_exec(process, record);
	if (!err && process->exec->length >= process->exec->expected)
		err = finish_exec(table, process);
	return err;
}

int processes_more_args(struct processes *table, const struct args_record *record)
{
	struct process *process = process_find(table, record->process);
	struct exec *exec = process ? process->exec : NULL;

	/* Drop a part that does not continue the one before: one in between was lost. */
	if (!exec || record->offset != exec->length ||
	    record->length > exec->expected - exec->length)
		return 0;
	memcpy(exec->args + exec->length, record->data, record->length);
	exec->length += record->length;
	return exec->length == exec->expected ? finish_exec(table, process) : 0;
}

/*
 * Its next exec, whose record follows, is of a rank. It stays one if a later program is not told.
 */
int processes_ranked(struct processes *table, const struct rank_record *record)
{
	struct process *process;
	int err = process_find_or_start(table, record->process, record->parent, record->birth_comm,
	                                record->is_root, false, &process);

	if (!err)
		err = finish_exec(table, process);
	if (!err)
		err = process_pass_names_on(table, process, record->header.time_ns);
	if (!err)
		rank_take(process->rank, record->text, sizeof(record->text));
	return err;
}

/* --- tasks ------------------------------------------------------------------------------------ */

/*
 * The iterator reports when a process was adopted, unless the process has ended before, or has
 * executed a program.
 */
static void note_adoption(struct process *process, const struct task_record *record)
{
	if (record->adopted_ns && process->begin_ns <= process->id.start_ns)
		process->begin_ns = record->adopted_ns;
	if (!process->begin_ns)
		process->begin_ns = record->start_ns; /* a thread that is newer */
}

/* The process of a task's record, brought up to date with all that the record has beside counts. */
static int process_of_task(struct processes *table, const struct task_record *record,
                           struct process **result)
{
	int err = process_find_or_start(table, record->process, record->parent, record->birth_comm,
	                                record->flags & TASK_ROOT,
	                                table->is_adopting && record->flags & TASK_OF_ADOPTED,
	                                result);
	struct process *process = *result;

	if (err)
		return err;
	note_adoption(process, record);
	if (record->flags & TASK_EXECUTED)
		process->executed = true; /* also when the exec's record was lost */
	if (record->flags & TASK_PEAK_SHARED)
		process->shared_rss = record->fields[TASK_PEAK_RSS];
	process->target = record->target;
	process->is_hidden = record->flags & TASK_HIDDEN;
	process->born_hidden = record->flags & TASK_BORN_HIDDEN;
	if (threads_is_first(process, record)) {
		process->named_by_ns = record->start_ns;
		memcpy(process->comm, record->comm, COMM_SIZE);
	}
	return 0;
}

int processes_task_alive(struct processes *table, const struct task_record *record)
{
	struct process *process;
	int err = process_of_task(table, record, &process);

	return err ? err : threads_update(process, record);
}

/* Its last thread has ended. */
int process_end(struct processes *table, struct process *process)
{
	int err = process_pass_names_on(table, process, process->end_ns);

	if (!err)
		err = finish_exec(table, process);
	if (err)
		return err;
	threads_sum(process);
	process->oom_killed = process->was_oom_victim && WIFSIGNALED(process->wait_status) &&
	                      WTERMSIG(process->wait_status) == SIGKILL;
	table->root_ended |= process->is_root;
	err = table->observer->ended(table->observer->data, process);
	HASH_DEL(table->by_id, process);
	ancestry_add(&table->ended, process->id, process->exec_ns, process->exe, process->rank);
	process->exe = NULL;
	process_free(process);
	return err;
}

int processes_task_left(struct processes *table, const struct task_record *record)
{
	struct process *process;
	int err = process_of_task(table, record, &process);

	if (err)
		return err;
	process->has_left = true;
	threads_end(process, record);
	return process->is_complete ? process_end(table, process) : 0;
}

/*
 * The record that the kernel side makes of it at its next switch-out. It has been taken before, by
 * processes_task_left(), but for one that was expected; or the process has come back meanwhile.
 */
static int take_left_record(struct processes *table, const struct task_record *record)
{
	const struct process *process = process_find(table, record->process);

	if (!process || !threads_expected(process, record->token) ||
	    (process->is_adopted && record->header.time_ns <= process->begin_ns))
		return 0;
	return processes_task_left(table, record);
}

int processes_task_ended(struct processes *table, const struct task_record *record)
{
	struct process *process;
	int err;

	if (record->flags & TASK_LEFT)
		return take_left_record(table, record);
	err = process_of_task(table, record, &process);
	if (err)
		return err;
	threads_end(process, record);
	return process->is_complete ? process_end(table, process) : 0;
}

int processes_expect_left(struct processes *table, const struct adopted_record *record)
{
	struct process *process = process_find(table, record->process);

	return process ? threads_expect(process, record->token) : 0;
}

void processes_sum_up(struct processes *table,
                      void (*visit)(void *data, const struct process *process), void *data)
{
	struct process *process, *next;

	HASH_ITER(hh, table->by_id, process, next)
	{
		threads_sum(process);
		visit(data, process);
	}
}

int processes_take(struct processes *table, const struct record_header *record)
{
	switch (record->type) {
	case RECORD_TASK:
		return processes_task_ended(table, (const struct task_record *)record);
	case RECORD_EXEC:
		return processes_executed(table, (const struct exec_record *)record);
	case RECORD_ARGS:
		return processes_more_args(table, (const struct args_record *)record);
	case RECORD_RANK:
		return processes_ranked(table, (const struct rank_record *)record);
	case RECORD_MOVED: /* has woken the agent: adoption_has_moves() */
		return 0;
	default:
		return -EPROTO;
	}
}

/* --- the table -------------------------------------------------------------------------------- */

/*
 * The observer gets what names a process before its counts. The rest of its arguments, or the
 * command's exec, may not have been in the ring yet at this poll: they are awaited until the next
 * poll, and no longer, since they may have been lost.
 */
static bool awaits_exec(struct process *process)
{
	bool waits =
		process->exec || (process->is_root && !process->exec_ns && !process->is_adopted);

	if (!waits || process->has_waited) {
		process->has_waited = false;
		return false;
	}
	process->has_waited = true;
	return true;
}

int processes_for_each(struct processes *table, bool all,
                       int (*visit)(void *data, struct process *process), void *data)
{
	struct process *process, *next;
	int err;

	HASH_ITER(hh, table->by_id, process, next)
	{
		if (!all && (!process->has_changed || awaits_exec(process)))
			continue;
		err = process_pass_names_on(table, process, 0);
		if (!err)
			err = finish_exec(table, process);
		if (err)
			return err;
		threads_sum(process);
		err = visit(data, process);
		if (err)
			return err;
		process->has_changed = false;
	}
	return 0;
}

int processes_weigh(struct processes *table, int (*visit)(void *data, struct process *process),
                    void *data)
{
	struct process *process;
	int err = 0;

	while (!err && (process = table->threads.unweighed)) {
		err = process_pass_names_on(table, process, 0);
		if (!err)
			err = visit(data, process);
		threads_are_weighed(process);
	}
	return err;
}

void processes_prefetch(struct processes *table, uint64_t token)
{
	threads_prefetch(&table->threads, token);
}

bool processes_task_weighed(struct processes *table, uint64_t token,
                            const struct weights_seen *seen)
{
	return threads_weigh(&table->threads, token, seen);
}

bool processes_knows(struct processes *table, const struct task_record *record)
{
	return threads_have(&table->threads, record);
}

void processes_set_weights(struct processes *table, uint32_t first, uint32_t n)
{
	table->threads.first_weight = first;
	table->threads.weights_n = n;
}

bool processes_root_ended(const struct processes *table)
{
	return table->root_ended;
}

size_t processes_left(const struct processes *table)
{
	return HASH_COUNT(table->by_id);
}

uint64_t processes_left_cpu_ns(const struct processes *table)
{
	const struct process *process, *next;
	uint64_t cpu_ns = 0;

	HASH_ITER(hh, table->by_id, process, next)
	cpu_ns += threads_cpu_ns(process);
	return cpu_ns;
}
