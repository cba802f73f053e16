/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Brings counters, accounts and processes up to date, during the run and at its end. */
#include "core/clock.h"
#include "linux/process_status.h"
#include "sources/perf/perf.h"

/* A failure may be temporary: out of descriptors or memory. */
void perf_refresh_counters(struct perf *perf)
{
	perf->cpus_changed =
		counters_refresh(perf->counters) != 0 ||
		(perf->profile && profile_refresh(perf->profile, counters_online(perf->counters)));
}

int perf_update(struct perf *perf, bool with_fields)
{
	int err;

	/* If no process is alive, the program is not loaded. */
	if (kernel_alive(perf->kernel))
		counters_account_tree(perf->counters);
	perf->now_ns = perf->updated_ns = clock_monotonic_ns();
	err = kernel_drain(perf->kernel);
	return err ? err : kernel_snapshot(perf->kernel, with_fields);
}

uint64_t perf_seen_ns(const struct perf *perf, const struct process *process)
{
	return process->begin_ns > perf->now_ns ? process->begin_ns : perf->now_ns;
}

/*
 * The kernel updates signal->maxrss when a process ends or calls execve(); until then, its memory
 * map has the peak. The pid has not been reused, because the kernel assigns pids in ascending
 * order.
 */
void perf_update_peak(struct process *process)
{
	__u64 *peak = &process->sum->fields[TASK_PEAK_RSS];
	uint64_t now;

	if (*peak == TASK_FIELD_NONE || process->is_hidden)
		return;
	now = process_peak_rss(process->id.pid);
	*peak = now > *peak ? now : *peak;
}
