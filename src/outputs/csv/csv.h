/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Points as rows of a CSV file. csv_rows.h has the format, output_file.h the care for the file. */
#ifndef OUTPUTS_CSV_H
#define OUTPUTS_CSV_H

#include <stdbool.h>

#include "alumet/plugin.h"

struct csv_settings {
	char *output_path; /* with the expansions of output_path.h */
	bool force_flush;  /* hand rows to the kernel at each flush, not when a buffer is full */
	bool append_unit_to_metric_name;
	bool use_unit_display_name;
	char *csv_delimiter;
	char *csv_late_delimiter;
	bool attributes_as_columns;
	bool append;
};

/*
 * open() lays out a column for each attribute announced by then (see metric_announce_attribute()),
 * if attributes_as_columns is set: open it after the sources.
 */
extern const struct output_ops csv_output;
extern const struct plugin csv_plugin;

#endif
