/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sums over all processes, and over those of one command. */
#ifndef REPORT_TOTALS_H
#define REPORT_TOTALS_H

#include "report/run.h"

/* The processes of one name. */
struct report_command {
	const struct report_text *label; /* any bytes */
	uint64_t processes, failed;
	double wall_ns; /* of each, added up */
	double *values; /* of each field: the sum, or the largest; NaN: no process has one */
};

struct report_totals {
	struct report_command all;
	size_t n;
	struct report_command *commands; /* by CPU time, else by wall time, the largest first */
};

/* Returns 0 or -ENOMEM; to be freed in both cases. Labels are entered into the data's texts. */
int report_totals_make(struct report_data *data, struct report_totals *totals);
void report_totals_fini(struct report_totals *totals);

#endif
