/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The points that tell of a process beside its values: who it is (process_info), how it ended
 * (process_exit). */
#ifndef PERF_PROCESS_ROWS_H
#define PERF_PROCESS_ROWS_H

#include <stdbool.h>

#include "alumet/point.h"
#include "sources/perf/processes.h"

struct metric_registry;
struct pipeline;
struct process_rows;

struct process_rows_settings {
	bool info;       /* process_info */
	bool exit;       /* process_exit */
	bool restricted; /* there may be programs that are hidden; attribute hidden */
	bool number_all; /* rows of a pid's first life have the attribute life too */
};

/* Register the metrics. Pipeline and registry outlive the rows. Returns 0 or -ENOMEM. */
int process_rows_new(const struct process_rows_settings *settings, struct pipeline *pipeline,
                     struct metric_registry *metrics, struct process_rows **rows);
void process_rows_free(struct process_rows *rows);

/* The parts of a point that say which process it is of. */
struct point process_rows_point(const struct process_rows *rows, const struct process *process,
                                uint32_t metric, uint64_t realtime_ns);

/*
 * A process_info point: as a process starts, executes a program, or is found to have another name than
 * the last such point told, at time_ns. Return 0 or what pipeline_push() returns.
 */
int process_rows_started(struct process_rows *rows, struct process *process);
int process_rows_executed(struct process_rows *rows, struct process *process);
int process_rows_renamed(struct process_rows *rows, struct process *process, uint64_t time_ns);

/* A process_exit point of one that has ended, with what its life was. Returns as above. */
int process_rows_ended(struct process_rows *rows, const struct process *process);

#endif
