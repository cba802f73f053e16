/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The head of the page's data, as JSON. For html_data.c only. */
#ifndef REPORT_HTML_HEAD_H
#define REPORT_HTML_HEAD_H

#include "core/text.h"
#include "report/jobs.h"

/* 2^53: doubles hold all whole numbers up to this one; JavaScript has only doubles. */
#define WHOLE_MAX 9007199254740992.0

/* Whether the page has a second column for a field: by how much each value may be wrong. */
bool html_field_is_estimated(const struct report_data *data, size_t field);

/*
 * Append title, runs, groups, fields, energies, notes and notices. by: the name of the field that
 * the page shows first, "wall", or NULL. Sets scales[field] to the unit of the whole numbers in its
 * column. Sets out->failed if memory runs out.
 */
void html_head_add(const struct report_data *data, const struct report_jobs *jobs, const char *by,
                   struct text *out, double *scales);

#endif
