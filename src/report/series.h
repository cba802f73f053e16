/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Time series that formats draw as counters. */
#ifndef REPORT_SERIES_H
#define REPORT_SERIES_H

#include "report/run.h"

/*
 * The number of busy CPUs in each of n equal parts of the time axis. The CPU time of a process is
 * spread evenly over each of its intervals, if it has any, else over its life. Returns an array,
 * which the caller frees, or NULL if memory ran out. Without CPU time in the files all are 0.
 */
double *report_cpus_busy(const struct report_data *data, size_t n);

/*
 * The mean power in W from the previous sample of measured energy to this one; for sample 0, from
 * the begin of the run.
 */
double report_watts(const struct report_data *data, const struct report_energy *energy,
                    size_t sample);

/* The name of a domain in a report, "package 0", "dram 1" or "platform", in the buffer. */
const char *report_energy_name(const struct report_energy *energy, char *buffer, size_t size);

/* Whether this is a counter of the machine, with samples. */
static inline bool report_is_measured(const struct report_energy *energy)
{
	return !energy->part && energy->n_samples > 0;
}

#endif
