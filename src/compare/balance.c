/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "compare/balance.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define FIGURES(id, name, unit)                                                              \
	[(id)*BALANCE_FIGURES + BALANCE_LEAST] = {name "-least", unit, -1, false},           \
	[(id)*BALANCE_FIGURES + BALANCE_MOST] = {name "-most", unit, -1, false},             \
	[(id)*BALANCE_FIGURES + BALANCE_IMBALANCE] = {name "-imbalance", "", -1, false}

const struct sample_quantity balance_quantities[BALANCES] = {
	FIGURES(RANK_CPU, "cpu", "ns"),        FIGURES(RANK_WALL, "wall", "ns"),
	FIGURES(RANK_WAIT, "wait", "ns"),      FIGURES(RANK_MEMORY, "peak-rss", "B"),
	FIGURES(RANK_ENERGY, "energy", "J"),
};

/* The ranks of the run's job, without any processes so far. Returns 0 or -ENOMEM. */
static int begin_ranks(const struct samples *samples, uint32_t run, struct report_job *ranks)
{
	const uint32_t index = samples->jobs.of_run[run];
	const struct report_job *job = index == NO_JOB ? NULL : &samples->jobs.items[index];

	*ranks = (struct report_job){.n_ranks = 0};
	if (!job || job->n_ranks == 0)
		return 0;
	ranks->ranks = calloc(job->n_ranks, sizeof(*ranks->ranks));
	if (!ranks->ranks)
		return -ENOMEM;
	ranks->n_ranks = job->n_ranks;
	for (size_t i = 0; i < job->n_ranks; i++)
		ranks->ranks[i] = report_rank_of(job->ranks[i].name, job->ranks[i].host);
	return 0;
}

static void set_balances(struct samples *samples, const struct report_job *ranks, size_t column)
{
	const size_t n_runs = samples->n_base + samples->n_changed;
	struct rank_balance balance;

	for (size_t i = 0; i < RANK_QUANTITIES; i++) {
		double *values = samples->balances + i * BALANCE_FIGURES * n_runs + column;

		if (!rank_balance(ranks, i, &balance))
			continue;
		values[BALANCE_LEAST * n_runs] = rank_value(balance.least, i);
		values[BALANCE_MOST * n_runs] = rank_value(balance.most, i);
		values[BALANCE_IMBALANCE * n_runs] = rank_value(balance.most, i) / balance.mean;
	}
}

/*
 * A job may have runs on both sides, such as two commands of one batch script, and interrupted
 * runs. So ranks are summed here for each column; the report sums them for each job.
 */
int balance_make(struct samples *samples)
{
	const struct report_data *data = samples->data;
	const size_t n_runs = samples->n_base + samples->n_changed;
	struct report_job *ranks = calloc(n_runs + 1, sizeof(*ranks));
	int err = ranks ? 0 : -ENOMEM;

	samples->balances = calloc(BALANCES * n_runs + 1, sizeof(*samples->balances));
	if (!samples->balances)
		err = -ENOMEM;
	for (size_t i = 0; !err && i < BALANCES * n_runs; i++)
		samples->balances[i] = NAN;
	for (size_t i = 0; !err && i < n_runs; i++)
		err = begin_ranks(samples, samples->runs[i], &ranks[i]);
	for (size_t i = 0; !err && i < data->n_processes; i++) {
		const uint32_t column = samples->columns[data->processes[i].run];
		const uint32_t rank = samples->jobs.rank_of[i];

		if (column != NO_PROCESS && rank != NO_RANK && ranks[column].n_ranks > 0)
			report_rank_add(data, &ranks[column].ranks[rank], i);
	}
	for (size_t i = 0; ranks && i < n_runs; i++) {
		if (!err)
			set_balances(samples, &ranks[i], i);
		free(ranks[i].ranks);
	}
	free(ranks);
	return err;
}
