/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How long several runs took. */
#ifndef REPORT_HTML_WALL_H
#define REPORT_HTML_WALL_H

#include "report/jobs.h"

/*
 * The wall time of all runs and jobs, each as in the text report; times in which several ran count
 * once, times in which none ran do not. Sets *gaps: there are such times. Returns 0 or -ENOMEM.
 */
int html_wall_ns(const struct report_data *data, const struct report_jobs *jobs, uint64_t *wall_ns,
                 bool *gaps);

#endif
