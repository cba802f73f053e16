/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Runs that are parts of one parallel job: the files of its ranks, or of the agents on its nodes.
 * run_info and the rows of processes identify them: see docs/csv.md.
 */
#ifndef REPORT_JOBS_H
#define REPORT_JOBS_H

#include "report/run.h"

#define NO_JOB UINT32_MAX
#define NO_RANK UINT32_MAX

/* A machine, from one boot to the next. Times are on the report's axis. */
struct report_host {
	const struct report_text *name, *boot;
	/* The run whose energy counts: the longest one that has any; NO_RUN: none. */
	uint32_t energy_run;
	double longest_ns;    /* length of that run */
	double joules;        /* of packages and memory in that run; NaN: not measured */
	uint64_t begin_ns, end_ns;
	uint64_t processes;
};

#define NO_RUN UINT32_MAX

/* The processes of a rank on one host. NaN: the value is unknown. */
struct report_rank {
	const struct report_text *name;
	uint32_t host; /* index into the job's hosts */
	uint64_t begin_ns, end_ns;
	uint64_t processes, failed;
	double cpu_ns, wall_ns, peak_rss, wait_ns, joules;
};

/* A step of a job with several ranks, or on several hosts. */
struct report_job {
	const struct report_text *job, *step; /* "": not known */
	const struct report_text *run_id;     /* the trace id, if no job is known */
	const struct report_text *id;         /* the attribute run of its runs */
	size_t n_runs, n_hosts, n_ranks;
	struct report_host *hosts;            /* in the order of the files */
	/* By name, numbers in numerical order; then by host. */
	struct report_rank *ranks;
	uint64_t begin_ns, end_ns;
};

struct report_jobs {
	size_t n;
	struct report_job *items; /* by job and step */
	uint32_t *of_run;         /* index into items, NO_JOB */
	uint32_t *host_of_run;    /* into the job's hosts */
	uint32_t *rank_of;        /* by process: index into the job's ranks, NO_RANK: none */
};

/* A new rank, without processes so far. */
struct report_rank report_rank_of(const struct report_text *name, uint32_t host);

/* Add the values of process i of the data to a rank. */
void report_rank_add(const struct report_data *data, struct report_rank *rank, size_t i);

/* Returns 0 or -ENOMEM; call report_jobs_fini() in both cases. Adds names to the data's texts. */
int report_jobs_make(struct report_data *data, struct report_jobs *jobs);
void report_jobs_fini(struct report_jobs *jobs);

/*
 * Whether a run's energy counts in sums over the files. It does, unless the energy of its host is
 * taken from another run of the same job.
 */
bool report_jobs_energy_counts(const struct report_jobs *jobs, uint32_t run);

#endif
