/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The heading of a run in every report, the same as in the summary of exec: the measured command,
 * with blanks between its arguments, or what was watched: "watch: nginx (12), sh (34)".
 */
#ifndef REPORT_HEADING_H
#define REPORT_HEADING_H

#include "report/run.h"

/* The first process of the run, which is the command; NULL: it has none. */
const struct report_process *report_root(const struct report_data *data, uint32_t run);

/* The caller frees it; NULL if memory ran out. */
char *report_heading(const struct report_data *data, uint32_t run);

/* Likewise from args, or if they are empty, from the process, which must then not be NULL. */
char *report_heading_of(const struct report_process *process, const struct report_text *args);

#endif
