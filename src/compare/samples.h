/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Saved runs as a table of numbers: the value of each command path and quantity in each run.
 * The first line is the run as a whole.
 */
#ifndef COMPARE_SAMPLES_H
#define COMPARE_SAMPLES_H

#include "core/text.h"
#include "report/fold.h"
#include "report/jobs.h"
#include "report/ranks.h"
#include "report/run.h"

#define QUANTITIES_MAX (4 + 256)

/* What is compared of each quantity of ranks. */
enum balance_figure {
	BALANCE_LEAST,
	BALANCE_MOST,
	BALANCE_IMBALANCE, /* most, divided by the mean */
	BALANCE_FIGURES
};

#define BALANCES (RANK_QUANTITIES * BALANCE_FIGURES)

struct sample_quantity {
	const char *name; /* "cpu", "wall", "energy", "processes", or an event's */
	const char *unit; /* "ns", "J", "B", "" */
	int field;        /* of the data; -1: none */
	bool of_machine;  /* energy of the machine: known for the whole run only */
};

struct samples {
	struct report_data *data;
	struct fold fold; /* its nodes are the lines from the second on */
	size_t n_lines, n_quantities;
	struct sample_quantity quantities[QUANTITIES_MAX];
	size_t n_base, n_changed; /* runs of each side that are used; base comes first */
	struct report_jobs jobs;  /* the files of a job's ranks count as one run */
	uint32_t *runs;           /* index in the data of each column's run; of a job, the first */
	uint32_t *columns;        /* column of each run of the data, or NO_PROCESS */
	uint32_t *failed;         /* of each column, the run whose command failed, or NO_PROCESS */
	size_t n_left_out;        /* interrupted runs, and runs whose last rows are missing */
	double *values;           /* by line, quantity and run; NaN: none */
	double *estimated;        /* by how much each may be wrong; NULL: nothing is estimated */
	double *balances;         /* by index into balance_quantities and run; NaN: none */
};

/*
 * Runs of the first n_base_files files are base, those of the others are changed. Left out are runs
 * before first_run of the data, runs whose command was killed by a signal or is not known to have
 * ended, and runs whose last rows are missing. The files of a job are one run. Returns 0 or
 * -ENOMEM; call samples_fini() in both cases.
 */
int samples_make(struct samples *samples, struct report_data *data, size_t first_run,
                 char *const *files, size_t n_base_files);
void samples_fini(struct samples *samples);

static inline double *samples_row(const struct samples *samples, size_t line, size_t quantity)
{
	const size_t n_runs = samples->n_base + samples->n_changed;

	return samples->values + (line * samples->n_quantities + quantity) * n_runs;
}

/* By how much the values of the same row may be wrong; NULL: nothing was estimated. */
static inline const double *samples_estimated(const struct samples *samples, size_t line,
                                              size_t quantity)
{
	return samples->estimated
	               ? samples->estimated +
	                         (samples_row(samples, line, quantity) - samples->values)
	               : NULL;
}

/* Append the path of a line, "make > sh > cc1", made visible. Long paths lose their middle. */
void samples_add_path(const struct samples *samples, size_t line, struct text *out);

#endif
