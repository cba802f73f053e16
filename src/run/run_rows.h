/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Rows about the run itself, so that a file can be understood without the terminal's output.
 * run_info, the first row, says what was run and where; run_note, at the end, what was lost,
 * estimated or left out, if anything; run_end, the last row, shows that the file is complete. See
 * docs/csv.md.
 */
#ifndef RUN_RUN_ROWS_H
#define RUN_RUN_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alumet/run.h"
#include "core/metric_registry.h"
#include "core/pipeline.h"

struct run_rows {
	struct pipeline *pipeline;
	const struct metric_registry *metrics;
	uint32_t info, note, end; /* metrics */
};

/* Register the metrics. Call before opening outputs. Returns 0, or -ENOMEM, logged. */
int run_rows_open(struct run_rows *rows, struct metric_registry *metrics,
                  struct pipeline *pipeline);

/* Push run_info, once the run has begun. Returns 0, or -ENOMEM, logged. */
int run_rows_push_info(const struct run_rows *rows, const struct run_info *run);

/* Push a run_note for a line that a plugin reported. Returns 0 or -ENOMEM. */
int run_rows_push_note(const struct run_rows *rows, enum report_kind kind, const char *line);

/*
 * Push run_end, the last row: how the command ended, if it did. is_watch: there was no command.
 * Returns 0 or -ENOMEM.
 */
int run_rows_push_end(const struct run_rows *rows, const struct run_end *end, bool is_watch);

#endif
