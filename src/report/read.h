/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reads saved runs. */
#ifndef REPORT_READ_H
#define REPORT_READ_H

#include "report/input.h"
#include "report/run.h"

/*
 * Read files, each with one run, or with several that the attribute run distinguishes. What is
 * damaged or missing is skipped and noted in the data. Returns 0, or a negative errno after logging
 * it; call report_data_fini() in both cases. The names must outlive the data.
 */
int report_read(const char *const *paths, size_t n, struct report_data *data);

/* The same for one input that is open already; for tests. */
int report_read_input(struct report_input *input, const char *name, struct report_data *data);

#endif
