/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Saved runs as a table of numbers: for each command path and each quantity the value in each run. The
 * first line is the run as a whole.
 */
#ifndef COMPARE_SAMPLES_H
#define COMPARE_SAMPLES_H

#include "core/text.h"
#include "report/fold.h"
#include "report/run.h"

#define QUANTITIES_MAX 24

struct quantity {
	const char *name; /* "cpu", "wall", "energy", "processes", or an event's */
	const char *unit; /* "ns", "J", "B", "" */
	int field;        /* of the data; -1: none */
	bool of_machine;  /* energy of the whole machine: of the whole run only */
};

struct samples {
	struct report_data *data;
	struct fold fold; /* its nodes are the lines from the second on */
	size_t n_lines, n_quantities;
	struct quantity quantities[QUANTITIES_MAX];
	size_t n_base, n_changed; /* runs of each that are used: first those of base */
	uint32_t *runs;           /* their indices in the data */
	size_t n_left_out;        /* interrupted runs */
	double *values;           /* by line, quantity and run; NaN: none */
};

/*
 * Runs of the first n_base_files of the files are base, those of the others are changed. Runs whose
 * command was ended by a signal, or is not known to have ended, are left out. Returns 0 or -ENOMEM; to be
 * freed in both cases.
 */
int samples_make(struct samples *samples, struct report_data *data, char *const *files,
                 size_t n_base_files);
void samples_fini(struct samples *samples);

static inline double *samples_row(const struct samples *samples, size_t line, size_t quantity)
{
	const size_t n_runs = samples->n_base + samples->n_changed;

	return samples->values + (line * samples->n_quantities + quantity) * n_runs;
}

/* Append the path of a line, "make > sh > cc1", made visible. Long ones lack their middle. */
void samples_add_path(const struct samples *samples, size_t line, struct text *out);

#endif
