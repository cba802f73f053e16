/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* exec --report: a report of the rows that the run has just written. */
#ifndef AGENT_RUN_REPORT_H
#define AGENT_RUN_REPORT_H

/*
 * Make the report of the file in a format, beside it: run.csv has its page in run.html. Says where it
 * is. path NULL: no output has written a file. Returns 0, or a negative errno after logging it.
 */
int run_report(const char *path, const char *format);

#endif
