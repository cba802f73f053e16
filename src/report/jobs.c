/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/jobs.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/jobs_order.h"
#include "report/number_math.h"
#include "report/origin.h"

/*
 * --- which runs belong together ----------------------------------------------------------------
 */

static const struct report_text *origin_text(struct report_data *data, uint32_t run,
                                             const char *key)
{
	size_t n = 0;
	const char *at = origin_find(&data->runs[run], key, &n);

	return report_texts_get(&data->texts, at ? at : "", at ? n : 0);
}

/*
 * Parts of a job have the same job id and step or, without a job id, the same trace id. They also
 * have the same attribute run, which distinguishes the runs of a series.
 */
static bool is_same_job(const struct report_job *a, const struct report_job *b)
{
	if (a->job != b->job || a->step != b->step || a->id != b->id)
		return false;
	return a->job->n > 0 || (a->run_id->n > 0 && a->run_id == b->run_id);
}

static int find_job(struct report_data *data, struct report_jobs *jobs, uint32_t run)
{
	struct report_job *items, key = {
		.job = origin_text(data, run, "job_id"),
		.step = origin_text(data, run, "step"),
		.run_id = origin_text(data, run, "run_id"),
		.id = data->runs[run].id,
		.begin_ns = UINT64_MAX,
	};

	if (!key.job || !key.step || !key.run_id)
		return -ENOMEM;
	for (size_t i = 0; i < jobs->n; i++) {
		if (is_same_job(&jobs->items[i], &key)) {
			jobs->of_run[run] = (uint32_t)i;
			return 0;
		}
	}
	items = reallocarray(jobs->items, jobs->n + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	jobs->items = items;
	jobs->of_run[run] = (uint32_t)jobs->n;
	items[jobs->n++] = key;
	return 0;
}

/*
 * --- hosts -------------------------------------------------------------------------------------
 */

static void widen(uint64_t *begin_ns, uint64_t *end_ns, uint64_t from_ns, uint64_t to_ns)
{
	*begin_ns = from_ns < *begin_ns ? from_ns : *begin_ns;
	*end_ns = to_ns > *end_ns ? to_ns : *end_ns;
}

static double measured_joules(const struct report_data *data, uint32_t run)
{
	double joules = NAN;

	for (size_t i = 0; i < data->runs[run].n_energies; i++) {
		const struct report_energy *energy =
			&data->energies[data->runs[run].first_energy + i];

		if (!energy->part && report_energy_is_summed(energy))
			joules = (isnan(joules) ? 0 : joules) + energy->joules;
	}
	return joules;
}

static int find_host(struct report_data *data, struct report_jobs *jobs, uint32_t run)
{
	struct report_job *job = &jobs->items[jobs->of_run[run]];
	struct report_host *hosts, key = {
		.name = origin_text(data, run, "hostname"),
		.boot = origin_text(data, run, "boot_id"),
		.energy_run = NO_RUN,
		.longest_ns = -1,
		.joules = NAN,
		.begin_ns = UINT64_MAX,
	};
	const double joules = measured_joules(data, run);
	const double wall_ns = (double)(data->runs[run].end_ns - data->runs[run].begin_ns);
	size_t at = 0;

	if (!key.name || !key.boot)
		return -ENOMEM;
	while (at < job->n_hosts &&
	       (job->hosts[at].name != key.name || job->hosts[at].boot != key.boot))
		at++;
	if (at == job->n_hosts) {
		hosts = reallocarray(job->hosts, at + 1, sizeof(*hosts));
		if (!hosts)
			return -ENOMEM;
		job->hosts = hosts;
		hosts[job->n_hosts++] = key;
	}
	jobs->host_of_run[run] = (uint32_t)at;
	job->n_runs++;
	if (!isnan(joules) && wall_ns > job->hosts[at].longest_ns) {
		job->hosts[at].longest_ns = wall_ns;
		job->hosts[at].energy_run = run;
		job->hosts[at].joules = joules;
	}
	return 0;
}

/*
 * --- ranks -------------------------------------------------------------------------------------
 */

struct report_rank report_rank_of(const struct report_text *name, uint32_t host)
{
	return (struct report_rank){
		.name = name,
		.host = host,
		.begin_ns = UINT64_MAX,
		.cpu_ns = NAN,
		.wall_ns = NAN,
		.peak_rss = NAN,
		.wait_ns = NAN,
		.joules = NAN,
	};
}

static int find_rank(struct report_job *job, uint32_t host,
                     const struct report_text *name, uint32_t *index)
{
	struct report_rank *ranks;

	for (size_t i = job->n_ranks; i > 0; i--) {
		if (job->ranks[i - 1].name == name && job->ranks[i - 1].host == host) {
			*index = (uint32_t)i - 1;
			return 0;
		}
	}
	ranks = reallocarray(job->ranks, job->n_ranks + 1, sizeof(*ranks));
	if (!ranks)
		return -ENOMEM;
	job->ranks = ranks;
	*index = (uint32_t)job->n_ranks;
	ranks[job->n_ranks++] = report_rank_of(name, host);
	return 0;
}

static void add(double *sum, double value, bool is_max)
{
	if (isnan(value))
		return;
	if (isnan(*sum))
		*sum = value;
	else
		*sum = is_max ? larger(*sum, value) : *sum + value;
}

void report_rank_add(const struct report_data *data, struct report_rank *rank, size_t i)
{
	const struct report_process *process = &data->processes[i];

	widen(&rank->begin_ns, &rank->end_ns, process->begin_ns, process->end_ns);
	rank->wall_ns = (double)(rank->end_ns - rank->begin_ns);
	rank->processes++;
	rank->failed += process->signal || process->exit_status;
	add(&rank->cpu_ns, report_value(data, i, report_field_of(data, FIELD_CPU_TIME)), false);
	add(&rank->wait_ns, report_value(data, i, report_field_of(data, FIELD_RUNQUEUE_WAIT)),
	    false);
	add(&rank->peak_rss, report_value(data, i, report_field_of(data, FIELD_PEAK_RSS)), true);
	add(&rank->joules, report_value(data, i, report_field_of(data, FIELD_ENERGY)), false);
}

/*
 * A process without a rank of its own gets that of its run, or else of its parent; parents come
 * first.
 */
static int place_process(struct report_data *data, struct report_jobs *jobs, size_t i,
                         const struct report_text *of_run)
{
	const struct report_process *process = &data->processes[i];
	const uint32_t parent = process->parent, host = jobs->host_of_run[process->run];
	struct report_job *job = &jobs->items[jobs->of_run[process->run]];
	const struct report_text *name = process->rank;
	uint32_t *index = &jobs->rank_of[i];

	widen(&job->begin_ns, &job->end_ns, process->begin_ns, process->end_ns);
	widen(&job->hosts[host].begin_ns, &job->hosts[host].end_ns, process->begin_ns,
	      process->end_ns);
	job->hosts[host].processes++;
	if (name->n == 0)
		name = of_run;
	if (parent != NO_PROCESS && jobs->rank_of[parent] != NO_RANK &&
	    (name->n == 0 || job->ranks[jobs->rank_of[parent]].name == name))
		*index = jobs->rank_of[parent];
	else if (name->n > 0 && find_rank(job, host, name, index))
		return -ENOMEM;
	if (*index != NO_RANK)
		report_rank_add(data, &job->ranks[*index], i);
	return 0;
}

/* Processes are sorted by run. */
static int place_all(struct report_data *data, struct report_jobs *jobs)
{
	const struct report_text *of_run = NULL;
	uint32_t run = NO_RUN;
	int err = 0;

	for (size_t i = 0; i < data->n_processes && !err; i++) {
		if (data->processes[i].run != run) {
			run = data->processes[i].run;
			of_run = origin_text(data, run, "rank");
		}
		err = of_run ? place_process(data, jobs, i, of_run) : -ENOMEM;
	}
	return err;
}

int report_jobs_make(struct report_data *data, struct report_jobs *jobs)
{
	int err = 0;

	*jobs = (struct report_jobs){
		.of_run = calloc(data->n_runs + 1, sizeof(*jobs->of_run)),
		.host_of_run = calloc(data->n_runs + 1, sizeof(*jobs->host_of_run)),
		.rank_of = malloc((data->n_processes + 1) * sizeof(*jobs->rank_of)),
	};
	if (!jobs->of_run || !jobs->host_of_run || !jobs->rank_of)
		return -ENOMEM;
	for (size_t i = 0; i < data->n_processes; i++)
		jobs->rank_of[i] = NO_RANK;
	for (uint32_t i = 0; i < data->n_runs && !err; i++) {
		err = find_job(data, jobs, i);
		if (!err)
			err = find_host(data, jobs, i);
	}
	if (!err)
		err = place_all(data, jobs);
	return err ? err : report_jobs_order(data, jobs);
}

void report_jobs_fini(struct report_jobs *jobs)
{
	for (size_t i = 0; i < jobs->n; i++)
		report_job_fini(&jobs->items[i]);
	free(jobs->items);
	free(jobs->of_run);
	free(jobs->host_of_run);
	free(jobs->rank_of);
	*jobs = (struct report_jobs){.n = 0};
}

bool report_jobs_energy_counts(const struct report_jobs *jobs, uint32_t run)
{
	const uint32_t job = jobs->of_run[run];

	return job == NO_JOB || jobs->items[job].hosts[jobs->host_of_run[run]].energy_run == run;
}
