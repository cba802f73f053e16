/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which runs are jobs, and the order of jobs, hosts and ranks. For jobs.c only. */
#ifndef REPORT_JOBS_ORDER_H
#define REPORT_JOBS_ORDER_H

struct report_data;
struct report_job;
struct report_jobs;

/* Drop jobs of one rank and host; sort jobs, ranks and hosts. Returns 0 or -ENOMEM. */
int report_jobs_order(const struct report_data *data, struct report_jobs *jobs);

/* Free the hosts and ranks of a job. */
void report_job_fini(struct report_job *job);

#endif
