/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/perf.h"

/* --- from processes to points ------------------------------------------------------------------ */

static int on_started(void *data, struct process *process)
{
	struct perf *perf = data;

	return process_rows_started(perf->process_rows, process);
}

static int on_executed(void *data, struct process *process)
{
	struct perf *perf = data;

	return process_rows_executed(perf->process_rows, process);
}

static int on_ended(void *data, struct process *process)
{
	struct perf *perf = data;
	int err = 0;

	if (perf->is_weighing)
		err = weigher_process(perf->weigher, perf->process_rows, process, process->end_ns);
	rows_add_to_totals(perf->rows, process);
	if (!err)
		err = perf_push_life(perf, process);
	if (!err)
		err = process_rows_renamed(perf->process_rows, process, process->end_ns);
	if (!err)
		err = rows_counted(perf->rows, process, process->end_ns);
	return err ? err : process_rows_ended(perf->process_rows, process);
}

/* --- from the kernel's records to processes ---------------------------------------------------- */

static int on_task_ended(void *data, const struct task_record *record)
{
	struct perf *perf = data;

	return processes_task_ended(perf->processes, record);
}

static int on_task_alive(void *data, const struct task_record *record)
{
	struct perf *perf = data;

	return processes_task_alive(perf->processes, record);
}

static bool is_known(void *data, const struct task_record *record)
{
	struct perf *perf = data;

	return processes_knows(perf->processes, record);
}

static int on_exec_record(void *data, const struct exec_record *record)
{
	struct perf *perf = data;

	return processes_executed(perf->processes, record);
}

static int on_args_record(void *data, const struct args_record *record)
{
	struct perf *perf = data;

	return processes_more_args(perf->processes, record);
}

void perf_connect(struct perf *perf)
{
	perf->receiver = (struct kernel_receiver){
		.data = perf,
		.ended = on_task_ended,
		.executed = on_exec_record,
		.more_args = on_args_record,
		.alive = on_task_alive,
		.is_known = is_known,
	};
	perf->observer = (struct process_observer){
		.data = perf,
		.started = on_started,
		.executed = on_executed,
		.ended = on_ended,
	};
}
