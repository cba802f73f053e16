/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Processes into points: who they are, and what each of their events has counted. */
#ifndef PERF_ROWS_H
#define PERF_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alumet/life.h"
#include "sources/perf/events/event.h"
#include "sources/perf/processes.h"

struct metric_registry;
struct pipeline;
struct rows;

struct rows_settings {
	bool process_info; /* rows that name the processes */
	bool as_counted;   /* values of events that took turns, not scaled up */
	bool per_pmu;      /* one row per PMU of an event, attribute pmu, instead of their sum */
	bool restricted;   /* there may be programs that are hidden; attribute hidden */
	bool delta;        /* what was counted since the row before, instead of since the start */
};

/*
 * Register the metrics of the events. Events, pipeline and registry outlive the rows.
 * Returns 0, -ENOMEM, or -EEXIST after telling the user which metric is there twice.
 */
int rows_new(const struct event_list *events, const struct rows_settings *settings,
             struct pipeline *pipeline, struct metric_registry *metrics, struct rows **rows);
void rows_free(struct rows *rows);

/* A process_info point as a process starts. Return 0 or what pipeline_push() returns. */
int rows_started(struct rows *rows, const struct process *process);

/* A process_info point as it executes a program; args as in struct process_observer. */
int rows_executed(struct rows *rows, const struct process *process, const char *args, size_t length,
                  bool is_cut);

/*
 * A point for each event, at that time (CLOCK_MONOTONIC). The process's sum must be up to date.
 * Uses process->user.
 */
int rows_counted(struct rows *rows, struct process *process, uint64_t time_ns);

/* What an event has counted for a process whose sum is up to date. */
struct life_value rows_value(const struct rows *rows, const struct process *process, size_t event);

/* The metric of an event's rows. */
uint32_t rows_metric(const struct rows *rows, size_t event);

#endif
