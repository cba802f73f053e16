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
#include "sources/perf/scale.h"

/* "0.123", or "0.0000001" of an event that was hardly ever counted, with its NUL. */
#define SCALED_SIZE 16

struct rows {
	const struct event_list *events;
	struct rows_settings settings;
	struct pipeline *pipeline;
	uint32_t info_metric;
	uint32_t *metrics; /* by event */
	char *args;        /* scratch: arguments as text */
	size_t args_size;
};

static struct attribute text_attribute(const char *key, const char *text, size_t length)
{
	return (struct attribute){.key = key, .text = text, .length = length};
}

/* --- process_info ------------------------------------------------------------------------------ */

#define INFO_ATTRIBUTES 6

static int push_info(struct rows *rows, const struct process *process, uint64_t time_ns,
                     const char *comm, const char *args, size_t args_length, bool is_cut)
{
	char ppid[16];
	struct attribute attributes[INFO_ATTRIBUTES];
	size_t n = 0;
	int length = snprintf(ppid, sizeof(ppid), "%u", process->parent.pid);

	attributes[n++] = text_attribute("ppid", ppid, (size_t)length);
	attributes[n++] = text_attribute("comm", comm, strnlen(comm, COMM_SIZE));
	if (process->exe)
		attributes[n++] = text_attribute("exe", process->exe, strlen(process->exe));
	if (args)
		attributes[n++] = text_attribute("args", args, args_length);
	if (is_cut)
		attributes[n++] = text_attribute("args_cut", "true", strlen("true"));
	if (args && process->is_hidden)
		attributes[n++] = text_attribute("hidden", "true", strlen("true"));

	const struct point point = {
		.metric = rows->info_metric,
		.time_ns = clock_to_realtime(time_ns),
		.type = VALUE_U64,
		.value.u64 = 1,
		.resource_kind = RESOURCE_LOCAL_MACHINE,
		.consumer_kind = CONSUMER_PROCESS,
		.consumer_id = process->id.pid,
		.consumer_start_ns = process->id.start_ns,
		.n_attributes = n,
		.attributes = attributes,
	};
	return pipeline_push(rows->pipeline, &point);
}

int rows_started(struct rows *rows, const struct process *process)
{
	if (!rows->settings.process_info)
		return 0;
	return push_info(rows, process, process->begin_ns, process->birth_comm, NULL, 0, false);
}

/* The arguments in a line, a space between two of them. Returns the length, or -ENOMEM. */
static ssize_t join_args(struct rows *rows, const char *args, size_t length)
{
	size_t i;

	if (length > rows->args_size) {
		char *grown = realloc(rows->args, length);

		if (!grown)
			return -ENOMEM;
		rows->args = grown;
		rows->args_size = length;
	}
	if (length && !args[length - 1])
		length--;
	for (i = 0; i < length; i++)
		rows->args[i] = args[i] ? args[i] : ' ';
	return (ssize_t)length;
}

int rows_executed(struct rows *rows, const struct process *process, const char *args, size_t length,
                  bool is_cut)
{
	ssize_t joined;

	if (!rows->settings.process_info)
		return 0;
	joined = join_args(rows, args, length);
	if (joined < 0)
		return (int)joined;
	return push_info(rows, process, process->exec_ns, process->comm,
	                 rows->args ? rows->args : "", (size_t)joined, is_cut);
}

/* --- values ------------------------------------------------------------------------------------ */

/* Of a process that was never counted a 0 would not be true. */
static struct scaled kernel_value(const struct process *process, uint64_t value)
{
	return (struct scaled){
		.has_value = value || !process->is_hidden || !process->born_hidden,
		.value = value,
		.share = 1.0,
	};
}

/* One instance of an event, or with n_instances > 1 the sum of several. */
static struct scaled value_of(const struct rows *rows, const struct process *process, size_t i,
                              size_t first_instance, size_t n_instances)
{
	const struct event *event = &rows->events->events[i];
	const struct account *sum = process->sum;

	switch (event->origin) {
	case EVENT_FROM_CPU_TIME:
		return kernel_value(process, sum->kernel.cpu_ns);
	case EVENT_FROM_CONTEXT_SWITCHES:
		return kernel_value(process, sum->kernel.context_switches);
	case EVENT_FROM_CPU_MIGRATIONS:
		return kernel_value(process, sum->kernel.migrations);
	case EVENT_FROM_PERF:
		break;
	}
	return scale_sum(&sum->counters[counters_first(rows->events, i) + first_instance],
	                 n_instances, rows->settings.as_counted);
}

struct life_value rows_value(const struct rows *rows, const struct process *process, size_t event)
{
	struct scaled scaled =
		value_of(rows, process, event, 0, rows->events->events[event].n_instances);

	return (struct life_value){
		.type = scaled.has_value ? VALUE_U64 : VALUE_NONE,
		.u64 = scaled.value,
	};
}

uint32_t rows_metric(const struct rows *rows, size_t event)
{
	return rows->metrics[event];
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

	struct point point = {
		.metric = rows->metrics[i],
		.time_ns = time_ns,
		.type = scaled.has_value ? VALUE_U64 : VALUE_NONE,
		.value.u64 = scaled.value,
		.resource_kind = RESOURCE_LOCAL_MACHINE,
		.consumer_kind = CONSUMER_PROCESS,
		.consumer_id = process->id.pid,
		.consumer_start_ns = process->id.start_ns,
		.n_attributes = n,
		.attributes = attributes,
	};
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
			                 value_of(rows, process, i, 0, event->n_instances), NULL,
			                 before ? &before[i] : NULL);
			continue;
		}
		for (j = 0; j < event->n_instances && !err; j++) {
			size_t slot = rows->events->n + counters_first(rows->events, i) + j;

			err = push_value(rows, process, i, realtime_ns,
			                 value_of(rows, process, i, j, 1), event->instances[j].pmu,
			                 before ? &before[slot] : NULL);
		}
	}
	return err;
}

/* --- the rows ---------------------------------------------------------------------------------- */

static int announce_attributes(const struct rows *rows, struct metric_registry *metrics)
{
	static const char *const of_info[] = {"ppid", "comm", "exe", "args", "args_cut"};
	int err = metric_announce_attribute(metrics, "scaled");
	size_t i;

	if (!err && rows->settings.per_pmu)
		err = metric_announce_attribute(metrics, "pmu");
	for (i = 0; i < sizeof(of_info) / sizeof(of_info[0]); i++) {
		if (!err && rows->settings.process_info)
			err = metric_announce_attribute(metrics, of_info[i]);
	}
	if (!err && rows->settings.process_info && rows->settings.restricted)
		err = metric_announce_attribute(metrics, "hidden");
	return err;
}

static int register_metrics(struct rows *rows, struct metric_registry *metrics)
{
	size_t i;
	int id = metric_register(metrics, "process_info", &UNIT_NONE, METRIC_GAUGE);

	if (id < 0)
		return id;
	rows->info_metric = (uint32_t)id;
	for (i = 0; i < rows->events->n; i++) {
		id = metric_register(metrics, rows->events->events[i].metric, &UNIT_NONE,
		                     rows->settings.delta ? METRIC_DELTA : METRIC_CUMULATIVE);
		if (id < 0)
			return id;
		rows->metrics[i] = (uint32_t)id;
	}
	return 0;
}

int rows_new(const struct event_list *events, const struct rows_settings *settings,
             struct pipeline *pipeline, struct metric_registry *metrics, struct rows **result)
{
	struct rows *rows = calloc(1, sizeof(*rows));
	int err = -ENOMEM;

	*result = NULL;
	if (!rows)
		return -ENOMEM;
	rows->events = events;
	rows->settings = *settings;
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
	free(rows->args);
	free(rows);
}
