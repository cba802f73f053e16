/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Notices at the end of a run on counters that failed, went backwards, or stood still, and on late
 * readings.
 */
#ifndef SOURCES_RAPL_REPORT_H
#define SOURCES_RAPL_REPORT_H

#include <stdbool.h>

#include "alumet/run.h"
#include "sources/rapl/backend.h"

/* Where lines go: the arguments of a source's report(). */
struct rapl_speaker {
	void (*say)(void *data, enum report_kind kind, const char *line);
	void *data;
};

void rapl_say(const struct rapl_speaker *speaker, enum report_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Report each loss in a line. can_have_moved: the run was long enough for a real counter to move,
 * so that counters that did not are reported.
 */
void rapl_report_counters(const struct rapl_backend *backend, bool can_have_moved,
                          const struct rapl_speaker *speaker);

/* Report readings that were due while another one was late, if there are any. */
void rapl_report_missed(uint64_t missed, uint64_t made, uint64_t longest_gap_ns,
                        const struct rapl_speaker *speaker);

#endif
