/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Processes whose end has no record, because records were lost: no task of them is left. */
#include "sources/perf/process_table.h"

void processes_begin_snapshot(struct processes *table)
{
	table->snapshot++;
}

void processes_in_snapshot(struct processes *table, struct process_id id)
{
	struct process *process = process_find(table, id);

	if (process)
		process->snapshot = table->snapshot;
}

/* Its end is the last that is known of it; that of the command is seen by the agent itself. */
static void note_end(struct process *process, uint64_t now_ns, const int *root_status)
{
	process->is_complete = process->lacks_records = true;
	process->lost_n = threads_alive(process);
	if (process->end_ns < process->begin_ns)
		process->end_ns = process->begin_ns;
	if (process->end_ns < process->exec_ns)
		process->end_ns = process->exec_ns;
	if (!process->is_root || process->has_status || !root_status)
		return;
	process->end_ns = now_ns;
	process->wait_status = *root_status;
	process->has_status = true;
}

int processes_end_absent(struct processes *table, uint64_t now_ns, const int *root_status)
{
	struct process *process, *next;
	int err = 0;

	HASH_ITER(hh, table->by_id, process, next)
	{
		if (err || process->snapshot == table->snapshot ||
		    (process->is_root && !process->is_adopted && !root_status))
			continue;
		note_end(process, now_ns, root_status);
		err = process_end(table, process);
	}
	return err;
}
