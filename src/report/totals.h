/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sums over all processes, and over the processes of each command. */
#ifndef REPORT_TOTALS_H
#define REPORT_TOTALS_H

#include "report/run.h"

/* The processes with the same name. */
struct report_command {
	const struct report_text *label; /* any bytes */
	uint64_t processes, failed;
	double wall_ns; /* the sum over the processes */
	double *values; /* by field: the sum or the maximum; NaN: no process has a value */
};

struct report_totals {
	struct report_command all;
	size_t n;
	struct report_command *commands; /* by CPU time, else by wall time, in descending order */
};

/* Returns 0 or -ENOMEM; call report_totals_fini() in both cases. Adds labels to data's texts. */
int report_totals_make(struct report_data *data, struct report_totals *totals);

/*
 * The same for the processes of one rank of a run: one of the data's texts, "" for processes
 * without a rank.
 */
int report_totals_make_rank(struct report_data *data, uint32_t run, const struct report_text *rank,
                            struct report_totals *totals);
void report_totals_fini(struct report_totals *totals);

#endif
