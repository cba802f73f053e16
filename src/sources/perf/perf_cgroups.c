/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For a watch of cgroups: rows with the sum over the processes of each cgroup. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "sources/perf/account.h"
#include "sources/perf/perf.h"

int perf_cgroups_open(struct perf *perf)
{
	const size_t n = perf->watch ? perf->watch->n_cgroups : 0;

	if (!n)
		return 0;
	perf->cgroups = calloc(n, sizeof(*perf->cgroups));
	if (!perf->cgroups)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct process *sum = &perf->cgroups[i].process;

		sum->cgroup = perf->watch->cgroups[i].path;
		sum->begin_ns = clock_monotonic_ns();
		sum->id.start_ns = sum->begin_ns;
		sum->ended = account_new(perf->slots_n);
		sum->sum = account_new(perf->slots_n);
		if (!sum->ended || !sum->sum)
			return -ENOMEM;
	}
	return 0;
}

void perf_cgroups_close(struct perf *perf)
{
	for (size_t i = 0; perf->cgroups && i < perf->watch->n_cgroups; i++) {
		free(perf->cgroups[i].process.ended);
		free(perf->cgroups[i].process.sum);
		free(perf->cgroups[i].process.user);
	}
	free(perf->cgroups);
}

/* The sum that a process belongs to, or NULL. */
static struct cgroup_sum *sum_of(const struct perf *perf, const struct process *process)
{
	return perf->cgroups && process->target < perf->watch->n_cgroups
	               ? &perf->cgroups[process->target]
	               : NULL;
}

void perf_cgroups_ended(struct perf *perf, const struct process *process)
{
	struct cgroup_sum *sum = sum_of(perf, process);

	if (!sum)
		return;
	account_add(sum->process.ended, process->sum);
	sum->ended_threads += process->threads_n;
}

static void add_alive(void *data, const struct process *process)
{
	struct cgroup_sum *sum = sum_of(data, process);

	if (!sum)
		return;
	account_add(sum->process.sum, process->sum);
	sum->process.threads_n += process->threads_n;
}

int perf_cgroups_push(struct perf *perf, uint64_t time_ns)
{
	const size_t n = perf->cgroups ? perf->watch->n_cgroups : 0;
	int err = 0;

	if (!n)
		return 0;
	for (size_t i = 0; i < n; i++) {
		struct process *sum = &perf->cgroups[i].process;

		memcpy(sum->sum, sum->ended, account_size(perf->slots_n));
		sum->threads_n = perf->cgroups[i].ended_threads;
	}
	processes_sum_up(perf->processes, add_alive, perf);
	for (size_t i = 0; i < n && !err; i++)
		err = rows_counted(perf->rows, &perf->cgroups[i].process, time_ns);
	return err;
}
