/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The words of the page for where its runs are from: files, machines, and energy counters. */
#ifndef REPORT_HTML_ORIGIN_H
#define REPORT_HTML_ORIGIN_H

#include "core/text.h"
#include "report/run.h"

/* Append "origin": a line for the files, and one for the machines, as far as run_info has them. */
void html_origin_add(struct text *out, const struct report_data *data);

/* Append the name of a run among several: "run.csv", or of several in one file "run.csv, run 3". */
void html_origin_add_run(struct text *out, const struct report_data *data, uint32_t run);

/* Whether energy was measured on several machines. */
bool html_origin_has_machines(const struct report_data *data);

/* Append the name of an energy counter: "package 0", or with has_machines "n1 package 0". */
void html_origin_add_counter(struct text *out, const struct report_data *data,
                             const struct report_energy *energy, bool has_machines);

#endif
