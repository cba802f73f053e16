/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The view of a saved run, or of the runs of a parallel job together: what its summary shows. */
#ifndef REPORT_SHOWN_H
#define REPORT_SHOWN_H

#include "core/energy_parts.h"
#include "report/jobs.h"
#include "report/lives.h"
#include "tree/view/view.h"

/* At most this many files of a job are named; the rest are counted. */
#define FILES_NAMED 4

struct shown {
	struct view view;
	const struct report_jobs *jobs;
	uint32_t job; /* index into jobs; NO_JOB: a single run */
	uint32_t run;
	struct energy_sums energies;
	struct run_figure figures[ENERGY_PARTS_FIGURES];
	char method[256];
	char *heading;
	char *words; /* of the command, each NUL-terminated */
	char **argv; /* pointers into words */
	const char **paths;
	char more[32];
	struct run_notice *notices;
	struct hot *hot;
};

/*
 * Make the view of a run or of a job. In a job processes are below their ranks, and ranks below
 * their hosts; the energy of each host counts once. by: as in struct report_options. Returns 0,
 * -ENOMEM, or -EINVAL after logging that there is nothing to sort by. Call shown_fini() in all
 * cases.
 */
int shown_make_run(struct shown *shown, struct report_lives *lives, uint32_t run, const char *by);
int shown_make_job(struct shown *shown, struct report_lives *lives, const struct report_jobs *jobs,
                   uint32_t which, const char *by);
void shown_fini(struct shown *shown);

#endif
