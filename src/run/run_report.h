/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* exec --report: a report of the rows that the run has just written. */
#ifndef AGENT_RUN_REPORT_H
#define AGENT_RUN_REPORT_H

#include "linux/user.h"
#include "run/run.h"

/*
 * Make the report of the file in a format, beside it: run.csv has its page in run.html. Says where it
 * is. path NULL: no output has written a file. Returns 0, or a negative errno after logging it.
 */
int run_report(const char *path, const char *format);

/* The same with the rights of that user; NULL: the agent's. */
int run_report_as(const struct user *user, const char *path, const char *format);

/*
 * The summary of a series from its file, as the request wants it. Without a file to be
 * read there is a warning only. Returns as above.
 */
int run_series_as(const struct user *user, const char *path, const struct run_request *request);

#endif
