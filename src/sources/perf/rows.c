/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/rows.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alumet/metric.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/pipeline.h"
#include "sources/perf/counters.h"
#include "sources/perf/fields.h"
#include "sources/perf/process_rows.h"
#include "sources/perf/scale.h"

/* "0.0123", or "1.234e-07" of an event that was hardly ever counted, with its NUL. */
#define SHARE_SIZE 16

/* The largest number of 64 bits, with its NUL. */
#define COUNT_SIZE 21

/* The totals of an event, over processes that have ended or left. */
struct total {
	uint64_t value;
	uint64_t estimated;
	uint64_t enabled_ns, running_ns; /* of its counters */
};

struct rows {
	const struct event_list *events;
	struct rows_settings settings;
	struct pipeline *pipeline;
	const struct process_rows *process_rows;
	struct total *totals; /* by event */
	uint32_t *metrics;    /* by event */
};

static struct attribute text_attribute(const char *key, const char *text, size_t length)
{
	return (struct attribute){.key = key, .text = text, .length = length};
}

/* --- values ----------------------------------------------------------------------------------- */

static struct scaled kept_value(const struct event *event, const struct process *process,
                                uint64_t now_ns)
{
	const struct life_value value = field_value(process, event->field, now_ns);

	return (struct scaled){
		.has_value = value.type != VALUE_NONE,
		.value = value.u64,
		.estimated = (uint64_t)value.estimated,
		.share = 1.0,
	};
}

static const struct scaled never_ran_there = {.has_value = true, .share = 1.0};

/*
 * What perf counted. A counter that was never enabled, of a PMU that some CPUs lack, belongs to
 * CPUs on which no thread has run: it counted 0. One that was enabled and never ran had no hardware
 * counter: its value is unknown.
 */
static struct scaled count_of(const struct rows *rows, struct account *sum, size_t i,
                              size_t first_instance, size_t n_instances)
{
	const struct event_instance *instance = &rows->events->events[i].instances[first_instance];
	const size_t first = counters_first(rows->events, i) + first_instance;
	const struct counter *counters = &sum->counters[first];
	const bool as_counted = rows->settings.as_counted;
	struct scaled scaled;

	if (n_instances == 1 && instance->cpus && !counters->enabled_ns)
		return never_ran_there;
	scaled = scale_sum(counters, n_instances, as_counted);
	if (sum->slices)
		scaled.estimated = scale_estimated(counters, &account_estimated(sum)[first],
		                                   n_instances, as_counted);
	return scaled;
}

/* Whether a living process has not run since it is measured, so that it counted 0. */
static bool has_not_run(const struct rows *rows, const struct process *process)
{
	const size_t n = counters_needed(rows->events);

	if (process->is_complete || process->is_hidden || process->sum->kernel.cpu_ns)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (process->sum->counters[i].enabled_ns)
			return false;
	}
	return true;
}

/*
 * One instance of an event, or with n_instances > 1 the sum of several; of the living until now_ns.
 */
static struct scaled value_of(const struct rows *rows, const struct process *process, size_t i,
                              size_t first_instance, size_t n_instances, uint64_t now_ns)
{
	const struct event *event = &rows->events->events[i];

	if (event->origin == EVENT_FROM_KERNEL)
		return kept_value(event, process, now_ns);
	if (has_not_run(rows, process))
		return never_ran_there;
	return count_of(rows, process->sum, i, first_instance, n_instances);
}

/* 0 for a value without estimates, and for 0. */
static double share_estimated(uint64_t estimated, uint64_t value)
{
	return value ? (double)estimated / (double)value : 0.0;
}

struct life_value rows_value(const struct rows *rows, const struct process *process, size_t event,
                             uint64_t now_ns)
{
	struct scaled scaled =
		value_of(rows, process, event, 0, rows->events->events[event].n_instances, now_ns);

	return (struct life_value){
		.type = scaled.has_value ? VALUE_U64 : VALUE_NONE,
		.estimated = (double)scaled.estimated,
		.u64 = scaled.value,
	};
}

uint32_t rows_metric(const struct rows *rows, size_t event)
{
	return rows->metrics[event];
}

/* A peak has no difference. */
static bool is_sum(const struct event *event)
{
	return event->origin != EVENT_FROM_KERNEL || event->field == FIELD_WALL_TIME ||
	       process_fields[event->field].fold == LIFE_FOLD_SUM;
}

/* How long the event's counters were to count, and how long they did. */
static void add_times(struct rows *rows, const struct process *process, size_t i)
{
	const struct counter *counters = &process->sum->counters[counters_first(rows->events, i)];

	if (rows->events->events[i].origin != EVENT_FROM_PERF)
		return;
	for (size_t j = 0; j < rows->events->events[i].n_instances; j++) {
		rows->totals[i].enabled_ns += counters[j].enabled_ns;
		rows->totals[i].running_ns += counters[j].running_ns;
	}
}

void rows_add_to_totals(struct rows *rows, const struct process *process)
{
	size_t i;

	for (i = 0; i < rows->events->n; i++) {
		struct scaled scaled =
			value_of(rows, process, i, 0, rows->events->events[i].n_instances, 0);

		rows->totals[i].value += scaled.value;
		rows->totals[i].estimated += scaled.estimated;
		add_times(rows, process, i);
	}
}

double rows_most_estimated(const struct rows *rows, const char **label)
{
	double most = 0.0;
	size_t i;

	*label = NULL;
	for (i = 0; i < rows->events->n; i++) {
		double share = share_estimated(rows->totals[i].estimated, rows->totals[i].value);

		if (*label && share <= most)
			continue;
		if (rows->events->events[i].origin != EVENT_FROM_PERF)
			continue;
		most = share;
		*label = rows->events->events[i].label;
	}
	return most;
}

double rows_least_counted(const struct rows *rows, const char **label)
{
	double least = 1.0;

	*label = NULL;
	for (size_t i = 0; i < rows->events->n; i++) {
		const struct total *total = &rows->totals[i];
		double share;

		if (total->running_ns >= total->enabled_ns)
			continue;
		share = (double)total->running_ns / (double)total->enabled_ns;
		if (share >= least)
			continue;
		least = share;
		*label = rows->events->events[i].label;
	}
	return least;
}

/* With values = "delta": the values of the row before, by counter; allocated at the first row. */
static struct total *values_before(struct rows *rows, struct process *process)
{
	if (!process->user)
		process->user = calloc(rows->events->n + counters_needed(rows->events),
		                       sizeof(struct total));
	return process->user;
}

/* What has come since the row before. A scaled value is an estimate: a later one may be lower. */
static void subtract_before(struct scaled *scaled, struct total *before)
{
	uint64_t value = scaled->value, estimated = scaled->estimated;

	scaled->value = value > before->value ? value - before->value : 0;
	scaled->estimated = estimated > before->estimated ? estimated - before->estimated : 0;
	if (value > before->value)
		before->value = value;
	if (estimated > before->estimated)
		before->estimated = estimated;
}

static struct attribute share_attribute(const char *key, double share, char text[static SHARE_SIZE])
{
	return text_attribute(key, text, (size_t)snprintf(text, SHARE_SIZE, "%.4g", share));
}

static struct attribute count_attribute(const char *key, uint64_t count,
                                        char text[static COUNT_SIZE])
{
	return text_attribute(key, text, (size_t)snprintf(text, COUNT_SIZE, "%" PRIu64, count));
}

static int push_value(struct rows *rows, struct process *process, size_t i, uint64_t time_ns,
                      struct scaled scaled, const char *pmu, struct total *before)
{
	bool is_counted = rows->events->events[i].origin == EVENT_FROM_PERF;
	struct attribute attributes[3];
	char share[SHARE_SIZE], estimated[COUNT_SIZE];
	size_t n = 0;

	if (before && scaled.has_value)
		subtract_before(&scaled, before);
	if (pmu)
		attributes[n++] = text_attribute("pmu", pmu, strlen(pmu));
	if (scaled.share < 1.0)
		attributes[n++] = share_attribute("scaled", scaled.share, share);
	if (scaled.has_value && (scaled.estimated || (is_counted && process->sum->slices)))
		attributes[n++] = count_attribute("estimated", scaled.estimated, estimated);

	struct point point =
		process_rows_point(rows->process_rows, process, rows->metrics[i], time_ns);

	point.type = scaled.has_value ? VALUE_U64 : VALUE_NONE;
	point.value.u64 = scaled.value;
	point.n_attributes = n;
	point.attributes = attributes;
	return pipeline_push(rows->pipeline, &point);
}

int rows_counted(struct rows *rows, struct process *process, uint64_t time_ns)
{
	uint64_t realtime_ns = clock_to_realtime(time_ns);
	struct total *before = NULL;
	size_t i, j;
	int err = 0;

	if (rows->settings.delta) {
		before = values_before(rows, process);
		if (!before)
			return -ENOMEM;
	}
	for (i = 0; i < rows->events->n && !err; i++) {
		const struct event *event = &rows->events->events[i];

		if (event->origin == EVENT_FROM_KERNEL)
			fields_shown(process, event->field);
		if (!rows->settings.per_pmu || event->n_instances < 2) {
			err = push_value(rows, process, i, realtime_ns,
			                 value_of(rows, process, i, 0, event->n_instances, time_ns),
			                 NULL, before && is_sum(event) ? &before[i] : NULL);
			continue;
		}
		for (j = 0; j < event->n_instances && !err; j++) {
			size_t slot = rows->events->n + counters_first(rows->events, i) + j;

			err = push_value(rows, process, i, realtime_ns,
			                 value_of(rows, process, i, j, 1, time_ns),
			                 event->instances[j].pmu, before ? &before[slot] : NULL);
		}
	}
	return err;
}

/* --- the rows --------------------------------------------------------------------------------- */

static int announce_attributes(const struct rows *rows, struct metric_registry *metrics)
{
	int err = metric_announce_attribute(metrics, "scaled");

	if (!err)
		err = metric_announce_attribute(metrics, "estimated");
	if (!err && rows->settings.per_pmu)
		err = metric_announce_attribute(metrics, "pmu");
	return err;
}

static enum metric_kind kind_of(const struct rows *rows, const struct event *event)
{
	if (!is_sum(event))
		return METRIC_GAUGE;
	return rows->settings.delta ? METRIC_DELTA : METRIC_CUMULATIVE;
}

static int register_metrics(struct rows *rows, struct metric_registry *metrics)
{
	size_t i;

	for (i = 0; i < rows->events->n; i++) {
		const struct event *event = &rows->events->events[i];
		int id = metric_register(metrics, event->metric,
		                         event->unit ? event->unit : &UNIT_NONE,
		                         kind_of(rows, event));

		if (id < 0)
			return id;
		rows->metrics[i] = (uint32_t)id;
	}
	return 0;
}

int rows_new(const struct event_list *events, const struct rows_settings *settings,
             const struct process_rows *process_rows, struct pipeline *pipeline,
             struct metric_registry *metrics, struct rows **result)
{
	struct rows *rows = calloc(1, sizeof(*rows));
	int err = -ENOMEM;

	*result = NULL;
	if (!rows)
		return -ENOMEM;
	rows->events = events;
	rows->settings = *settings;
	rows->process_rows = process_rows;
	rows->pipeline = pipeline;
	rows->metrics = calloc(events->n + 1, sizeof(*rows->metrics));
	rows->totals = calloc(events->n + 1, sizeof(*rows->totals));
	if (rows->metrics && rows->totals)
		err = register_metrics(rows, metrics);
	if (!err)
		err = announce_attributes(rows, metrics);
	if (err) {
		rows_free(rows);
		return err;
	}
	*result = rows;
	return 0;
}

void rows_free(struct rows *rows)
{
	if (!rows)
		return;
	free(rows->metrics);
	free(rows->totals);
	free(rows);
}
