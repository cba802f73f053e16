/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/rows.h"

#include <errno.h>
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

/* "0.123", or "0.0000001" of an event that was hardly ever counted, with its NUL. */
#define SCALED_SIZE 16

struct rows {
	const struct event_list *events;
	struct rows_settings settings;
	struct pipeline *pipeline;
	const struct process_rows *process_rows;
	uint32_t *metrics; /* by event */
};

static struct attribute text_attribute(const char *key, const char *text, size_t length)
{
	return (struct attribute){.key = key, .text = text, .length = length};
}

/* --- values ------------------------------------------------------------------------------------ */

static struct scaled kept_value(const struct event *event, const struct process *process,
                                uint64_t now_ns)
{
	const struct life_value value = field_value(process, event->field, now_ns);

	return (struct scaled){
		.has_value = value.type != VALUE_NONE,
		.value = value.u64,
		.share = 1.0,
	};
}

/* One instance of an event, or with n_instances > 1 the sum of several; of the living until now_ns. */
static struct scaled value_of(const struct rows *rows, const struct process *process, size_t i,
                              size_t first_instance, size_t n_instances, uint64_t now_ns)
{
	const struct event *event = &rows->events->events[i];

	if (event->origin == EVENT_FROM_KERNEL)
		return kept_value(event, process, now_ns);
	return scale_sum(&process->sum->counters[counters_first(rows->events, i) + first_instance],
	                 n_instances, rows->settings.as_counted);
}

struct life_value rows_value(const struct rows *rows, const struct process *process, size_t event,
                             uint64_t now_ns)
{
	struct scaled scaled =
		value_of(rows, process, event, 0, rows->events->events[event].n_instances, now_ns);

	return (struct life_value){
		.type = scaled.has_value ? VALUE_U64 : VALUE_NONE,
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

/* With values = "delta": what the row before had, by counter; made at the first row. */
static uint64_t *values_before(struct rows *rows, struct process *process)
{
	if (!process->user)
		process->user =
			calloc(rows->events->n + counters_needed(rows->events), sizeof(uint64_t));
	return process->user;
}

static int push_value(struct rows *rows, struct process *process, size_t i, uint64_t time_ns,
                      struct scaled scaled, const char *pmu, uint64_t *before)
{
	struct attribute attributes[2];
	char share[SCALED_SIZE];
	size_t n = 0;

	if (pmu)
		attributes[n++] = text_attribute("pmu", pmu, strlen(pmu));
	if (scaled.share < 1.0) {
		int length = snprintf(share, sizeof(share), "%.4g", scaled.share);

		attributes[n++] = text_attribute("scaled", share, (size_t)length);
	}

	struct point point =
		process_rows_point(rows->process_rows, process, rows->metrics[i], time_ns);

	point.type = scaled.has_value ? VALUE_U64 : VALUE_NONE;
	point.value.u64 = scaled.value;
	point.n_attributes = n;
	point.attributes = attributes;
	if (before && scaled.has_value) {
		/* A scaled value is an estimate, and a later estimate may be lower. */
		point.value.u64 = scaled.value > *before ? scaled.value - *before : 0;
		if (scaled.value > *before)
			*before = scaled.value;
	}
	return pipeline_push(rows->pipeline, &point);
}

int rows_counted(struct rows *rows, struct process *process, uint64_t time_ns)
{
	uint64_t realtime_ns = clock_to_realtime(time_ns);
	uint64_t *before = NULL;
	size_t i, j;
	int err = 0;

	if (rows->settings.delta) {
		before = values_before(rows, process);
		if (!before)
			return -ENOMEM;
	}
	for (i = 0; i < rows->events->n && !err; i++) {
		const struct event *event = &rows->events->events[i];

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

/* --- the rows ---------------------------------------------------------------------------------- */

static int announce_attributes(const struct rows *rows, struct metric_registry *metrics)
{
	int err = metric_announce_attribute(metrics, "scaled");

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
	if (rows->metrics)
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
	free(rows);
}
