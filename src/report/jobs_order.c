/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/jobs_order.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/jobs.h"

static int compare_texts(const struct report_text *a, const struct report_text *b)
{
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	return memcmp(a->bytes, b->bytes, a->n);
}

void report_job_fini(struct report_job *job)
{
	free(job->hosts);
	free(job->ranks);
}

struct rank_order {
	struct report_rank rank;
	uint32_t index;
};

static int compare_ranks(const void *a, const void *b)
{
	const struct rank_order *x = a, *y = b;
	const int order = compare_texts(x->rank.name, y->rank.name);

	if (order)
		return order;
	return x->rank.host < y->rank.host ? -1 : x->rank.host > y->rank.host;
}

/* Ranks have no leading zeros, so shorter numbers are smaller. */
static int sort_ranks(const struct report_data *data, struct report_jobs *jobs, uint32_t which)
{
	struct report_job *job = &jobs->items[which];
	struct rank_order *order = calloc(job->n_ranks + 1, sizeof(*order));
	uint32_t *place = calloc(job->n_ranks + 1, sizeof(*place));

	if (!order || !place) {
		free(order);
		free(place);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < job->n_ranks; i++)
		order[i] = (struct rank_order){job->ranks[i], i};
	qsort(order, job->n_ranks, sizeof(*order), compare_ranks);
	for (uint32_t i = 0; i < job->n_ranks; i++) {
		job->ranks[i] = order[i].rank;
		place[order[i].index] = i;
	}
	for (size_t i = 0; i < data->n_processes; i++) {
		if (jobs->of_run[data->processes[i].run] == which && jobs->rank_of[i] != NO_RANK)
			jobs->rank_of[i] = place[jobs->rank_of[i]];
	}
	free(order);
	free(place);
	return 0;
}

struct job_order {
	struct report_job job;
	uint32_t index;
};

static int compare_jobs(const void *a, const void *b)
{
	const struct job_order *x = a, *y = b;
	int order = compare_texts(x->job.job, y->job.job);

	if (!order)
		order = compare_texts(x->job.step, y->job.step);
	if (!order)
		order = compare_texts(x->job.id, y->job.id);
	return order ? order : x->index < y->index ? -1 : 1;
}

/* A job with one rank on one host is an ordinary run. */
static int keep_jobs(const struct report_data *data, struct report_jobs *jobs)
{
	struct job_order *order = calloc(jobs->n + 1, sizeof(*order));
	uint32_t *place = calloc(jobs->n + 1, sizeof(*place));
	size_t kept = 0;

	if (!order || !place) {
		free(order);
		free(place);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < jobs->n; i++)
		order[i] = (struct job_order){jobs->items[i], i};
	qsort(order, jobs->n, sizeof(*order), compare_jobs);
	for (size_t i = 0; i < jobs->n; i++) {
		struct report_job *job = &order[i].job;

		if (job->n_ranks > 1 || job->n_hosts > 1) {
			place[order[i].index] = (uint32_t)kept;
			jobs->items[kept++] = *job;
		} else {
			place[order[i].index] = NO_JOB;
			report_job_fini(job);
		}
	}
	jobs->n = kept;
	for (size_t i = 0; i < data->n_runs; i++)
		jobs->of_run[i] = place[jobs->of_run[i]];
	free(order);
	free(place);
	return 0;
}

/* Sort by each host's first rank; hosts without ranks come last. */
static int sort_hosts(const struct report_data *data, struct report_jobs *jobs, uint32_t which)
{
	struct report_job *job = &jobs->items[which];
	struct report_host *hosts = calloc(job->n_hosts + 1, sizeof(*hosts));
	uint32_t *place = calloc(job->n_hosts + 1, sizeof(*place)); /* + 1 */
	uint32_t n = 0;

	if (!hosts || !place) {
		free(hosts);
		free(place);
		return -ENOMEM;
	}
	for (size_t i = 0; i < job->n_ranks; i++) {
		if (!place[job->ranks[i].host])
			place[job->ranks[i].host] = ++n;
	}
	for (size_t i = 0; i < job->n_hosts; i++) {
		if (!place[i])
			place[i] = ++n;
		hosts[place[i] - 1] = job->hosts[i];
	}
	for (size_t i = 0; i < job->n_ranks; i++)
		job->ranks[i].host = place[job->ranks[i].host] - 1;
	for (size_t i = 0; i < data->n_runs; i++) {
		if (jobs->of_run[i] == which)
			jobs->host_of_run[i] = place[jobs->host_of_run[i]] - 1;
	}
	free(job->hosts);
	free(place);
	job->hosts = hosts;
	return 0;
}

int report_jobs_order(const struct report_data *data, struct report_jobs *jobs)
{
	int err = keep_jobs(data, jobs);

	for (uint32_t i = 0; i < jobs->n && !err; i++) {
		err = sort_ranks(data, jobs, i);
		if (!err)
			err = sort_hosts(data, jobs, i);
	}
	return err;
}
