/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* exec --report: a report of the rows that the run has just written. */
#ifndef RUN_RUN_REPORT_H
#define RUN_RUN_REPORT_H

#include "linux/user.h"
#include "run/run.h"
#include "run/stages.h"

/*
 * Before the run, when its outputs are open: whether there will be a file to read, and the report
 * can be written as the user (NULL: as the agent) without replacing another file of the run.
 * Returns 0 or a negative errno, logged.
 */
int run_report_check(const struct user *user, const struct stages *stages,
                     const struct config *config, const char *format);

/*
 * Make a report of the file in the given format, and save it next to the file: run.csv becomes
 * run.html. Prints its path. trust_others: the option --trust-others. Returns 0, or a negative
 * errno, logged.
 */
int run_report(const char *path, const char *format, bool trust_others);

/* The same with the user's privileges; NULL: the agent's. */
int run_report_as(const struct user *user, const char *path, const char *format, bool trust_others);

/*
 * The summary of a series, the last n_runs runs of the file, in the format of the request. If the
 * file cannot be read, only a warning is logged. Returns as above.
 */
int run_series_as(const struct user *user, const char *path, size_t n_runs,
                  const struct run_request *request, bool trust_others);

/* Before the first run: whether the summary can be written. Returns as above. */
int run_series_check(const struct user *user, const struct run_request *request, bool trust_others);

/* When the first run's outputs are open: whether it would replace their files. Returns as above. */
int run_series_check_files(const struct user *user, const struct stages *stages,
                           const struct config *config, const char *series_path);

#endif
