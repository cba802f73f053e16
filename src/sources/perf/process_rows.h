/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The points of a process beside its values: who it is (process_info), how it ended (process_exit),
 * or that it goes on at the end of the run (process_alive).
 */
#ifndef SOURCES_PERF_PROCESS_ROWS_H
#define SOURCES_PERF_PROCESS_ROWS_H

#include <stdbool.h>

#include "alumet/point.h"
#include "sources/perf/processes.h"

struct metric_registry;
struct pipeline;
struct process_rows;

struct process_rows_settings {
	bool info;       /* process_info */
	bool exit;       /* process_exit, process_alive */
	bool restricted; /* there may be programs that are hidden; attribute hidden */
	bool watches;    /* there are processes that are adopted; attributes adopted, created */
	bool ranks;      /* there may be ranks of a parallel job; attribute rank */
	bool number_all; /* rows of a pid's first life have the attribute life too */
};

/* Register the metrics. Pipeline and registry outlive the rows. Returns 0 or -ENOMEM. */
int process_rows_new(const struct process_rows_settings *settings, struct pipeline *pipeline,
                     struct metric_registry *metrics, struct process_rows **rows);
void process_rows_free(struct process_rows *rows);

/* The parts of a point that identify its process. */
struct point process_rows_point(const struct process_rows *rows, const struct process *process,
                                uint32_t metric, uint64_t realtime_ns);

/*
 * A process_info point: as a process starts or is adopted, executes a program, or is found to have
 * another name than the last such point had, at time_ns. Return 0 or what pipeline_push() returns.
 */
int process_rows_started(struct process_rows *rows, struct process *process);
int process_rows_adopted(struct process_rows *rows, struct process *process);
int process_rows_executed(struct process_rows *rows, struct process *process);
int process_rows_renamed(struct process_rows *rows, struct process *process, uint64_t time_ns);

/*
 * Push the process_exit point of an ended process, with the values of its life, or, at the end of
 * the run, the process_alive point of another. Return as above.
 */
int process_rows_ended(struct process_rows *rows, const struct process *process);
int process_rows_alive(struct process_rows *rows, const struct process *process);

#endif
