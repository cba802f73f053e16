/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which field a metric, or an attribute of process_exit, stands for. */
#ifndef REPORT_FIELDS_H
#define REPORT_FIELDS_H

#include "report/run.h"

/* What the rows of a metric contain. */
enum metric_role {
	METRIC_PROCESS_INFO,
	METRIC_PROCESS_EXIT,
	METRIC_PROCESS_ALIVE,
	METRIC_RUN_INFO,
	METRIC_RUN_NOTE,
	METRIC_RUN_END,
	METRIC_CONSUMED_ENERGY,
	METRIC_ATTRIBUTED_ENERGY,
	METRIC_PROFILE_FRAME,
	METRIC_PROFILE_SAMPLES,
	METRIC_VALUE,
};

/* Find the role by the metric's name, with or without its unit in either spelling ("_B", "_By"). */
enum metric_role metric_role(const char *metric);

/*
 * Describe the field of a metric: kind, name (to be freed), unit, is_max; not its text. Returns 0
 * or -ENOMEM.
 */
int field_describe(const char *metric, struct report_field *field);

/*
 * The kind of field of an attribute of process_exit ("peak-rss"); FIELD_EVENT if it is not a field.
 */
enum field_kind field_of_exit_attribute(const char *key, size_t n);

/* The metric's name for a kind other than FIELD_EVENT, without a unit. */
const char *field_metric(enum field_kind kind);

#endif
