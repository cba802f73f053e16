/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The formats of a report. */
#ifndef REPORT_FORMATS_H
#define REPORT_FORMATS_H

#include <stdbool.h>
#include <stdio.h>

#include "report/report.h"
#include "report/run.h"

/*
 * Write to a stream, whose errors the caller checks. Texts may be added to data. Returns 0, or a
 * negative errno after logging it.
 */
typedef int report_write(struct report_data *data, const struct report_options *options, FILE *out);

report_write report_write_text, report_write_markdown, report_write_html, report_write_json,
	report_write_openmetrics, report_write_folded;
report_write report_write_perfetto, report_write_firefox, report_write_pprof;

struct report_format {
	const char *name;
	const char *help;
	const char *const *suffixes; /* of files in this format; NULL-terminated */
	bool is_for_programs;        /* not to be written to a terminal */
	report_write *write;
};

/* The last entry has no name. */
extern const struct report_format report_formats[];

/* The value by which a report sorts, or weighs stacks. */
struct report_measure {
	const char *name; /* "cpu", "energy", "wall", or the name of an event */
	const char *unit; /* "ns", "J", "B", "" */
	int field;        /* -1: the wall time of each process */
};

/*
 * Find a measure by its name. NULL: CPU time if the files have it, else wall time. Returns 0, or
 * -EINVAL after logging that the files have no such values, and which values they have.
 */
int report_measure_find(const struct report_data *data, const char *name,
                        struct report_measure *measure);

/*
 * The measure of one process, for fold_processes(); NaN: none. field: that of the measure.
 */
double report_measure_of(const struct report_data *data, size_t process, int field);

#endif
