/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/process_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sources/perf/threads.h"

/* --- a process -------------------------------------------------------------------------------- */

void process_free(struct process *process)
{
	threads_free(process);
	free(process->exec);
	free(process->exe);
	free(process->args);
	free(process->ended);
	free(process->sum);
	free(process->user);
	free(process);
}

struct process *process_find(struct processes *table, struct process_id id)
{
	struct process *process;

	HASH_FIND(hh, table->by_id, &id, sizeof(id), process);
	return process;
}

/* --- names of the adopted --------------------------------------------------------------------- */

int process_pass_names_on(struct processes *table, struct process *process, uint64_t by_ns)
{
	if (process->names == NAMES_KNOWN)
		return 0;
	if (process->names == NAMES_UNREAD && !by_ns)
		table->observer->read_names(table->observer->data, process);
	if (process->names == NAMES_READ && by_ns && by_ns <= process->names_ns) {
		free(process->exe);
		free(process->args);
		process->exe = process->args = NULL;
		process->rank[0] = '\0';
	}
	process->names = NAMES_KNOWN;
	return table->observer->adopted(table->observer->data, process);
}

/*
 * A forked process runs its parent's program, and is of its rank, unless the parent has executed
 * another one since: a child whose first record is that of its end may be older than that.
 */
static void inherit(struct processes *table, struct process *child)
{
	struct process *parent = process_find(table, child->parent);
	const struct ancestor *ended = parent ? NULL : ancestry_find(&table->ended, child->parent);
	const char *exe = parent ? parent->exe : ended ? ended->exe : NULL;
	const char *rank = parent ? parent->rank : ended ? ended->rank : NULL;
	uint64_t exec_ns = parent ? parent->exec_ns : ended ? ended->exec_ns : 0;

	if (parent && parent->names == NAMES_UNREAD) {
		table->observer->read_names(table->observer->data, parent);
		exe = parent->exe;
	}
	if (exec_ns > child->id.start_ns)
		return;
	child->exe = exe ? strdup(exe) : NULL;
	if (rank)
		memcpy(child->rank, rank, sizeof(child->rank));
}

static struct process *create(struct processes *table, struct process_id id,
                              struct process_id parent, const char *birth_comm, bool is_root,
                              bool is_adopted)
{
	const uint32_t weights_n = table->threads.weights_n;
	struct process *process =
		calloc(1, sizeof(*process) + weights_n * sizeof(*process->gained));

	if (!process)
		return NULL;
	process->table = &table->threads;
	process->gained = (uint64_t *)(process + 1);
	process->id = id;
	process->parent = parent;
	process->is_root = is_root;
	process->begin_ns = id.start_ns;
	process->snapshot = table->snapshot;
	memcpy(process->birth_comm, birth_comm, COMM_SIZE);
	memcpy(process->comm, birth_comm, COMM_SIZE);
	process->ended = account_new(table->counters_n);
	process->sum = account_new(table->counters_n);
	process->number = life_numbers_next(table->numbers, id.pid);
	if (!process->ended || !process->sum || !process->number) {
		process_free(process);
		return NULL;
	}
	if (!is_adopted)
		inherit(table, process);
	HASH_ADD(hh, table->by_id, id, sizeof(process->id), process);
	if (!process->hh.tbl) {
		process_free(process);
		return NULL;
	}
	return process;
}

int process_find_or_start(struct processes *table, struct process_id id, struct process_id parent,
                          const char *birth_comm, bool is_root, bool is_adopted,
                          struct process **result)
{
	struct process *process = process_find(table, id);

	*result = process;
	if (process) {
		process->is_root |= is_root; /* only the leader's record says so */
		return 0;
	}
	process = create(table, id, parent, birth_comm, is_root, is_adopted);
	*result = process;
	if (!process)
		return -ENOMEM;
	if (is_adopted) {
		process->is_adopted = process->is_being_adopted = true;
		process->names = NAMES_UNREAD;
		process->begin_ns = 0; /* the caller's */
		return 0;
	}
	return is_root ? 0 : table->observer->started(table->observer->data, process);
}

/* --- the table -------------------------------------------------------------------------------- */

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
		process_free(process);
	}
	ancestry_fini(&table->ended);
	free(table->unnamed);
	life_numbers_free(table->numbers);
	free(table);
}
