/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Numbers over time that formats draw as counters. */
#ifndef REPORT_SERIES_H
#define REPORT_SERIES_H

#include "report/run.h"

/*
 * CPUs busy in each of n equal parts of the time axis: every process's CPU time spread evenly over its
 * life, or over its intervals where rows tell them. Returns an array to be freed, NULL when memory ran
 * out. Without CPU time in the files all are 0.
 */
double *report_cpus_busy(const struct report_data *data, size_t n);

/* Watts between a sample of measured energy and the one before. Sample 0 counts from the run's begin. */
double report_watts(const struct report_data *data, const struct report_energy *energy,
                    size_t sample);

/* "package 0", "dram 1", "platform": a domain's name in a report, into a buffer. */
const char *report_energy_name(const struct report_energy *energy, char *buffer, size_t size);

/* Whether the samples are of the machine's counters, and there are any. */
static inline bool report_is_measured(const struct report_energy *energy)
{
	return !energy->part && energy->n_samples > 0;
}

#endif
