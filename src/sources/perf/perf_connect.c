/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/perf.h"

#include "core/clock.h"
#include "linux/process_names.h"

static int on_started(void *data, struct process *process)
{
	struct perf *perf = data;

	return process_rows_started(perf->process_rows, process);
}

static int on_adopted(void *data, struct process *process)
{
	struct perf *perf = data;

	return process_rows_adopted(perf->process_rows, process);
}

static void read_names(void *data, struct process *process)
{
	const struct perf *perf = data;

	process->names_ns = clock_monotonic_ns();
	process->names = NAMES_READ;
	if (process->is_hidden)
		return;
	process->exe = process_exe(process->id.pid);
	if (perf->rank_names)
		ranks_read(perf->rank_names, process->id.pid, process->rank);
	process->args =
		process_args(process->id.pid, ARGS_MAX, &process->args_length, &process->args_cut);
}

static int on_executed(void *data, struct process *process)
{
	struct perf *perf = data;

	return process_rows_executed(perf->process_rows, process);
}

/* A slice ends with a switch; the kernel does not count the last switch of a task. */
void perf_add_to_totals(struct perf *perf, const struct process *process)
{
	const uint64_t slices = process->sum->kernel.context_switches + process->threads_n;
	const uint64_t execs = process->sum->fields[TASK_EXECS];

	rows_add_to_totals(perf->rows, process);
	perf->seen.tasks += process->threads_n - process->lost_n;
	perf->seen.incomplete += process->lacks_records;
	perf->seen.execs += execs == TASK_FIELD_NONE ? 0 : execs;
	perf->seen.slices += slices;
	perf->seen.readings += slices * counters_needed(&perf->counted);
}

static int on_ended(void *data, struct process *process)
{
	struct perf *perf = data;
	int err = 0;

	if (perf->is_weighing)
		err = weigher_process(perf->weigher, perf->process_rows, process, process->end_ns);
	if (process->has_left)
		perf_update_peak(process);
	perf_cgroups_ended(perf, process);
	perf->ended_n++;
	perf->ended_cpu_ns += process->sum->kernel.cpu_ns;
	perf_add_to_totals(perf, process);
	if (!err && perf->profile)
		err = profile_ended(perf->profile, process);
	if (!err)
		err = perf_push_life(perf, process);
	if (!err)
		err = process_rows_renamed(perf->process_rows, process, process->end_ns);
	if (!err)
		err = rows_counted(perf->rows, process, process->end_ns);
	return err ? err : process_rows_ended(perf->process_rows, process);
}

void perf_connect(struct perf *perf)
{
	perf->observer = (struct process_observer){
		.data = perf,
		.started = on_started,
		.adopted = on_adopted,
		.read_names = read_names,
		.executed = on_executed,
		.ended = on_ended,
	};
}
