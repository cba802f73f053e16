/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Processes that ran before they were watched: they are adopted, and named once all of them are. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sources/perf/process_table.h"
#include "sources/perf/threads.h"

static int note_unnamed(struct processes *table, struct process_id id)
{
	if (table->unnamed_n == table->unnamed_room) {
		size_t room = table->unnamed_room ? 2 * table->unnamed_room : 64;
		struct process_id *ids = reallocarray(table->unnamed, room, sizeof(*ids));

		if (!ids)
			return -ENOMEM;
		table->unnamed = ids;
		table->unnamed_room = room;
	}
	table->unnamed[table->unnamed_n++] = id;
	return 0;
}

int processes_adopted(struct processes *table, const struct adopted_record *record)
{
	struct process *process;
	int err;

	table->is_adopting = true;
	err = process_find_or_start(table, record->process, record->parent, record->birth_comm,
	                            record->flags & TASK_NAMED, true, &process);
	if (err)
		return err;
	if (!process->threads_n) {
		process->begin_ns = record->time_ns;
		process->target = record->target;
		process->executed = record->flags & TASK_EXECUTED;
		process->is_hidden = record->flags & TASK_HIDDEN;
		process->born_hidden = record->flags & TASK_BORN_HIDDEN;
		err = note_unnamed(table, process->id);
	}
	if (record->tid == record->process.pid) {
		process->named_by_ns = record->start_ns;
		memcpy(process->comm, record->comm, COMM_SIZE);
	}
	return err ? err : threads_adopt(process, record);
}

int processes_adopted_all(struct processes *table)
{
	struct process *process, *next;
	int err = 0;

	table->is_adopting = false;
	HASH_ITER(hh, table->by_id, process, next)
	{
		if (!process->is_being_adopted || err)
			continue;
		process->is_being_adopted = false;
		process->is_complete = threads_are_complete(process);
		if (process->is_complete)
			err = process_end(table, process);
	}
	return err;
}

int processes_read_names(struct processes *table, size_t max)
{
	while (table->read_n < table->unnamed_n && max-- > 0) {
		struct process *process =
			process_find(table, table->unnamed[table->unnamed_n - ++table->read_n]);

		if (process && process->names == NAMES_UNREAD)
			table->observer->read_names(table->observer->data, process);
	}
	return (int)(table->unnamed_n - table->read_n);
}

int processes_pass_names_on(struct processes *table)
{
	int err = 0;

	for (; table->read_n > 0 && !err; table->read_n--) {
		struct process *process = process_find(table, table->unnamed[--table->unnamed_n]);

		if (process)
			err = process_pass_names_on(table, process, 0);
	}
	return err;
}
