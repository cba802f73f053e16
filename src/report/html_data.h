/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The data of the page. */
#ifndef REPORT_HTML_DATA_H
#define REPORT_HTML_DATA_H

#include "core/text.h"
#include "report/run.h"

/*
 * Append what page/data.js reads: a head in JSON, the texts, the columns of the processes, their
 * CPU time by interval, samples of energy, functions. by: see html_head_add(). Returns 0 or
 * -ENOMEM. Texts may be added to data.
 */
int html_data_add(struct report_data *data, const char *by, struct text *out);

#endif
