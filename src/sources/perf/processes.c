/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/processes.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "sources/perf/ancestry.h"
#include "sources/perf/fields.h"
#include "sources/perf/life_numbers.h"

struct thread {
	UT_hash_handle hh;
	uint64_t token;
	uint32_t seq;
	struct account account;
};

struct exec {
	uint32_t total;    /* bytes that the process has */
	uint32_t expected; /* of those, bytes that are captured at most */
	uint32_t length;   /* bytes here so far */
	char args[];
};

struct processes {
	struct process *by_id;
	struct ancestry ended;
	struct life_numbers *numbers;
	uint32_t counters_n;
	bool root_ended;
	const struct process_observer *observer;
};

static size_t account_size(const struct processes *table)
{
	return sizeof(struct account) +
	       table->counters_n * (sizeof(struct counter) + sizeof(uint64_t));
}

/* estimated: looked at only if there are slices. */
static void add(struct account *sum, const struct kernel_counts *kernel, const __u64 *fields,
                uint64_t slices, const struct counter *counters, const __u64 *estimated)
{
	uint32_t i;

	fields_fold(sum->fields, fields);
	sum->slices += slices;
	sum->kernel.cpu_ns += kernel->cpu_ns;
	sum->kernel.context_switches += kernel->context_switches;
	sum->kernel.migrations += kernel->migrations;
	for (i = 0; i < sum->counters_n; i++) {
		sum->counters[i].count += counters[i].count;
		sum->counters[i].enabled_ns += counters[i].enabled_ns;
		sum->counters[i].running_ns += counters[i].running_ns;
		if (slices)
			account_estimated(sum)[i] += estimated[i];
	}
}

static struct kernel_counts kernel_counts(const struct task_record *record)
{
	return (struct kernel_counts){
		.cpu_ns = record->cpu_ns,
		.context_switches = record->context_switches,
		.migrations = record->migrations,
	};
}

/* --- a process --------------------------------------------------------------------------------- */

static void free_process(struct process *process)
{
	struct thread *thread, *next;

	HASH_ITER(hh, process->threads, thread, next)
	{
		HASH_DEL(process->threads, thread);
		free(thread);
	}
	free(process->exec);
	free(process->exe);
	free(process->args);
	free(process->ended);
	free(process->sum);
	free(process->weighed);
	free(process->user);
	free(process);
}

static struct process *find(struct processes *table, struct process_id id)
{
	struct process *process;

	HASH_FIND(hh, table->by_id, &id, sizeof(id), process);
	return process;
}

/*
 * A forked process runs its parent's program, unless the parent has executed another one since: a
 * child that is first heard of when it ends may be older than that.
 */
static char *inherited_exe(struct processes *table, const struct process *child)
{
	const struct process *parent = find(table, child->parent);
	const struct ancestor *ended = parent ? NULL : ancestry_find(&table->ended, child->parent);
	const char *exe = parent ? parent->exe : ended ? ended->exe : NULL;
	uint64_t exec_ns = parent ? parent->exec_ns : ended ? ended->exec_ns : 0;

	return exe && exec_ns <= child->id.start_ns ? strdup(exe) : NULL;
}

static struct process *create(struct processes *table, struct process_id id,
                              struct process_id parent, const char *birth_comm, bool is_root)
{
	struct process *process = calloc(1, sizeof(*process));

	if (!process)
		return NULL;
	process->id = id;
	process->parent = parent;
	process->is_root = is_root;
	process->begin_ns = id.start_ns;
	memcpy(process->birth_comm, birth_comm, COMM_SIZE);
	memcpy(process->comm, birth_comm, COMM_SIZE);
	process->ended = calloc(1, account_size(table));
	process->sum = calloc(1, account_size(table));
	process->number = life_numbers_next(table->numbers, id.pid);
	if (!process->ended || !process->sum || !process->number) {
		free_process(process);
		return NULL;
	}
	process->ended->counters_n = process->sum->counters_n = table->counters_n;
	fields_clear(process->ended->fields);
	process->exe = inherited_exe(table, process);
	HASH_ADD(hh, table->by_id, id, sizeof(process->id), process);
	if (!process->hh.tbl) {
		free_process(process);
		return NULL;
	}
	return process;
}

/* The process of a record, told to the observer when it is new. */
static int find_or_start(struct processes *table, struct process_id id, struct process_id parent,
                         const char *birth_comm, bool is_root, struct process **result)
{
	struct process *process = find(table, id);

	*result = process;
	if (process) {
		process->is_root |= is_root; /* a thread does not know */
		return 0;
	}
	process = create(table, id, parent, birth_comm, is_root);
	*result = process;
	if (!process)
		return -ENOMEM;
	return is_root ? 0 : table->observer->started(table->observer->data, process);
}

static void update_sum(struct processes *table, struct process *process)
{
	struct thread *thread, *next;

	memcpy(process->sum, process->ended, account_size(table));
	HASH_ITER(hh, process->threads, thread, next)
	add(process->sum, &thread->account.kernel, thread->account.fields, thread->account.slices,
	    thread->account.counters, account_estimated(&thread->account));
}

/* --- exec -------------------------------------------------------------------------------------- */

/* The arguments are all here, or no more of them will come. */
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
	if (process->args)
		memcpy(process->args, exec->args, exec->length);
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
	int err = find_or_start(table, record->process, record->parent, record->birth_comm,
	                        record->is_root, &process);

	if (!err)
		err = finish_exec(table, process); /* of an exec before, whose end was lost */
	if (err)
		return err;
	if (process->is_root && !process->exec_ns)
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
	struct process *process = find(table, record->process);
	struct exec *exec = process ? process->exec : NULL;

	/* A part that does not follow the one before: that one was lost, and so is this. */
	if (!exec || record->offset != exec->length ||
	    record->length > exec->expected - exec->length)
		return 0;
	memcpy(exec->args + exec->length, record->data, record->length);
	exec->length += record->length;
	return exec->length == exec->expected ? finish_exec(table, process) : 0;
}

/* --- threads ----------------------------------------------------------------------------------- */

/* The task that has the process's id, as far as is known: see process_of_task(). */
static bool is_first_task(const struct process *process, const struct task_record *record)
{
	return record->tid == process->id.pid && record->start_ns >= process->named_by_ns;
}

/*
 * The process of a task's record, brought up to date with what the record tells beside counts.
 * After an exec in another thread than the leader that thread has the process's id, as the old
 * leader had, whose records may come later than its: the younger of them names the process.
 */
static int process_of_task(struct processes *table, const struct task_record *record,
                           struct process **result)
{
	int err = find_or_start(table, record->process, record->parent, record->birth_comm,
	                        record->flags & TASK_ROOT, result);
	struct process *process = *result;

	if (err)
		return err;
	if (record->flags & TASK_EXECUTED)
		process->executed = true; /* even if the exec's record was lost */
	process->is_hidden = record->flags & TASK_HIDDEN;
	process->born_hidden = record->flags & TASK_BORN_HIDDEN;
	if (is_first_task(process, record)) {
		process->named_by_ns = record->start_ns;
		memcpy(process->comm, record->comm, COMM_SIZE);
	}
	return 0;
}

int processes_task_alive(struct processes *table, const struct task_record *record)
{
	struct process *process;
	struct thread *thread;
	int err = process_of_task(table, record, &process);

	if (err)
		return err;
	HASH_FIND(hh, process->threads, &record->token, sizeof(record->token), thread);
	if (!thread) {
		thread = calloc(1, sizeof(*thread) - sizeof(thread->account) + account_size(table));
		if (!thread)
			return -ENOMEM;
		thread->token = record->token;
		thread->account.counters_n = table->counters_n;
		HASH_ADD(hh, process->threads, token, sizeof(thread->token), thread);
		if (!thread->hh.tbl) {
			free(thread);
			return -ENOMEM;
		}
		process->threads_n++;
	}
	if (thread->seq != record->seq)
		process->has_changed = process->is_unweighed = true;
	thread->seq = record->seq;
	thread->account.kernel = kernel_counts(record);
	memcpy(thread->account.fields, record->fields, sizeof(record->fields));
	thread->account.slices = record->slices;
	memcpy(thread->account.counters, record->counters,
	       table->counters_n * sizeof(struct counter));
	if (record->slices)
		memcpy(account_estimated(&thread->account), record->estimated,
		       table->counters_n * sizeof(uint64_t));
	return 0;
}

/* splitmix64's finaliser: every bit of the result depends on every bit of the token. */
static uint64_t mix(uint64_t token)
{
	token ^= token >> 30;
	token *= 0xbf58476d1ce4e5b9ULL;
	token ^= token >> 27;
	token *= 0x94d049bb133111ebULL;
	return token ^ token >> 31;
}

/*
 * Whether all threads of a process have ended, without counting the living in the kernel: each
 * thread was created by another one of the process, but for the leader, and a record tells how many
 * threads its own created. Each such creation adds the creator's mixed token to the balance, each
 * end takes its creator's from it: 0 means that every thread that an ended one created has ended,
 * and with the leader among them that is every thread there was. Records may come in any order.
 */
static void weigh(struct process *process, const struct task_record *record)
{
	process->balance += record->created * mix(record->token);
	if (record->flags & TASK_LEADER)
		process->leader_ended = true;
	else
		process->balance -= mix(record->creator_token);
	process->is_complete = process->leader_ended && process->balance == 0;
}

/*
 * What wait() tells: the process's exit code once there is one, else that of its leader. A core that
 * was dumped is added to the code later, so that the last thread's record tells the most.
 */
static void take_exit_code(struct process *process, const struct task_record *record)
{
	if (record->flags & TASK_GROUP_EXIT) {
		if (process->exit_status_is_final && record->header.time_ns < process->status_ns)
			return;
		process->wait_status = record->exit_code;
		process->status_ns = record->header.time_ns;
		process->exit_status_is_final = true;
	} else if (is_first_task(process, record) && !process->exit_status_is_final) {
		process->wait_status = record->exit_code;
	}
}

static void fold(struct processes *table, struct process *process, const struct task_record *record)
{
	struct kernel_counts kernel = kernel_counts(record);
	struct thread *seen;

	HASH_FIND(hh, process->threads, &record->token, sizeof(record->token), seen);
	if (seen) {
		HASH_DEL(process->threads, seen);
		free(seen);
	} else {
		process->threads_n++;
	}
	add(process->ended, &kernel, record->fields, record->slices, record->counters,
	    record->estimated);
	process->was_oom_victim |= (record->flags & TASK_OOM_VICTIM) != 0;
	process->has_changed = process->is_unweighed = true;
	if (record->header.time_ns > process->end_ns)
		process->end_ns = record->header.time_ns;
}

int processes_task_ended(struct processes *table, const struct task_record *record)
{
	struct process *process;
	int err = process_of_task(table, record, &process);

	if (err)
		return err;
	fold(table, process, record);
	take_exit_code(process, record);
	weigh(process, record);
	if (!process->is_complete)
		return 0;
	err = finish_exec(table, process);
	if (err)
		return err;
	update_sum(table, process);
	process->oom_killed = process->was_oom_victim && WIFSIGNALED(process->wait_status) &&
	                      WTERMSIG(process->wait_status) == SIGKILL;
	table->root_ended |= process->is_root;
	err = table->observer->ended(table->observer->data, process);
	HASH_DEL(table->by_id, process);
	ancestry_add(&table->ended, process->id, process->exec_ns, process->exe);
	process->exe = NULL;
	free_process(process);
	return err;
}

/* --- the table --------------------------------------------------------------------------------- */

/*
 * What names a process is told before what it counted. The rest of its arguments, or the command's
 * exec, may not have been in the ring yet when the agent looked: they are waited for over one look,
 * and no longer, since they may have been lost.
 */
static bool awaits_exec(struct process *process)
{
	bool waits = process->exec || (process->is_root && !process->exec_ns);

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
		err = finish_exec(table, process);
		if (err)
			return err;
		update_sum(table, process);
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
	struct process *process, *next;
	int err = 0;

	HASH_ITER(hh, table->by_id, process, next)
	{
		if (!process->is_unweighed)
			continue;
		update_sum(table, process);
		err = visit(data, process);
		if (err)
			break;
		process->is_unweighed = false;
	}
	return err;
}

bool processes_knows(struct processes *table, const struct task_record *record)
{
	struct process *process = find(table, record->process);
	struct thread *thread = NULL;

	if (process)
		HASH_FIND(hh, process->threads, &record->token, sizeof(record->token), thread);
	return thread && thread->seq == record->seq;
}

bool processes_root_ended(const struct processes *table)
{
	return table->root_ended;
}

size_t processes_left(const struct processes *table)
{
	return HASH_COUNT(table->by_id);
}

struct processes *processes_new(uint32_t counters_n, const struct process_observer *observer)
{
	struct processes *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->counters_n = counters_n;
	table->observer = observer;
	table->numbers = life_numbers_new();
	if (!table->numbers) {
		free(table);
		return NULL;
	}
	return table;
}

void processes_free(struct processes *table)
{
	struct process *process, *next;

	if (!table)
		return;
	HASH_ITER(hh, table->by_id, process, next)
	{
		HASH_DEL(table->by_id, process);
		free_process(process);
	}
	ancestry_fini(&table->ended);
	life_numbers_free(table->numbers);
	free(table);
}
