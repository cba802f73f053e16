/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Writes points as rows of a CSV file: the format is in csv_rows.h, the file in output_file.h. */
#ifndef OUTPUTS_CSV_CSV_H
#define OUTPUTS_CSV_CSV_H

#include <stdbool.h>

#include "alumet/plugin.h"

struct csv_settings {
	char *output_path; /* with the placeholders of output_path.h */
	bool force_flush;  /* write rows at each flush, not only when a buffer is full */
	bool append_unit_to_metric_name;
	bool use_unit_display_name;
	char *csv_delimiter;
	char *csv_late_delimiter;
	bool attributes_as_columns;
	bool append;
};

/*
 * If attributes_as_columns is set, open() makes a column for each attribute announced by then (see
 * metric_announce_attribute()), so open it after the sources.
 */
extern const struct output_ops csv_output;
extern const struct plugin csv_plugin;

#endif
