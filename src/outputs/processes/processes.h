/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One row per process: the output for stores in which users query what ran, where, and at what
 * cost. docs/stores.md describes the columns. process_columns.h makes the rows.
 */
#ifndef OUTPUTS_PROCESSES_PROCESSES_H
#define OUTPUTS_PROCESSES_PROCESSES_H

#include <stdbool.h>

#include "alumet/plugin.h"

struct processes_settings {
	char *output_path; /* with the placeholders of output_path.h */
	char *csv_delimiter;
	bool append;
};

extern const struct plugin processes_plugin;

#endif
