/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Makes points of what each process's events have counted. */
#ifndef SOURCES_PERF_ROWS_H
#define SOURCES_PERF_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alumet/life.h"
#include "sources/perf/events/event.h"
#include "sources/perf/processes.h"

struct metric_registry;
struct pipeline;
struct process_rows;
struct rows;

struct rows_settings {
	bool as_counted; /* values of events that took turns, not scaled up */
	bool per_pmu;    /* one row per PMU of an event, attribute pmu, instead of their sum */
	bool delta;      /* what was counted since the row before, instead of since the start */
};

/*
 * Register the metrics of the events. Events, process rows, pipeline and registry outlive the rows.
 * Returns 0, -ENOMEM, or -EEXIST after logging which metric is there twice.
 */
int rows_new(const struct event_list *events, const struct rows_settings *settings,
             const struct process_rows *process_rows, struct pipeline *pipeline,
             struct metric_registry *metrics, struct rows **rows);
void rows_free(struct rows *rows);

/*
 * A point for each event, at that time (CLOCK_MONOTONIC). The process's sum must be up to date.
 * Uses process->user.
 */
int rows_counted(struct rows *rows, struct process *process, uint64_t time_ns);

/*
 * What an event has counted for a process whose sum is up to date; of one that lives, until now_ns.
 */
struct life_value rows_value(const struct rows *rows, const struct process *process, size_t event,
                             uint64_t now_ns);

/* Add the values of a process that has ended or left to the totals. */
void rows_add_to_totals(struct rows *rows, const struct process *process);

/*
 * The smallest share of its time that an event was counted for, 0 to 1, over processes that have
 * ended or left; label: that event's, or NULL when all were counted all the time.
 */
double rows_least_counted(const struct rows *rows, const char **label);

/*
 * The largest share, 0 to 1, that estimates have in the total of an event that perf counts, and
 * that event's label; NULL when perf counts none.
 */
double rows_most_estimated(const struct rows *rows, const char **label);

/* The metric of an event's rows. */
uint32_t rows_metric(const struct rows *rows, size_t event);

#endif
