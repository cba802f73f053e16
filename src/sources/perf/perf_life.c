/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Processes into lives: which fields a life has, and their values. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/pipeline.h"
#include "sources/perf/perf.h"

#define CPU_TIME "cpu-time"

static bool is_requested(const struct perf *perf, const char *name)
{
	for (size_t i = 0; i < perf->events.n; i++) {
		if (strcmp(perf->events.events[i].label, name) == 0)
			return true;
	}
	return false;
}

static int add_field(struct perf *perf, const char *name, uint32_t metric, const struct unit *unit,
                     bool requested)
{
	const struct life_field field = {
		.name = name,
		.metric = metric,
		.unit = unit,
		.requested = requested,
	};

	return pipeline_add_life_field(perf->pipeline, &field);
}

/* Labels are the user's, and may be the same: "cycles", "cycles#2". */
static int add_event_field(struct perf *perf, size_t event)
{
	const char *label = perf->events.events[event].label;
	const uint32_t metric = rows_metric(perf->rows, event);
	int index;

	if (strcmp(label, CPU_TIME) == 0)
		return (int)perf->cpu_time_field;
	index = add_field(perf, label, metric, &UNIT_NONE, true);
	for (unsigned int n = 2; index == -EEXIST; n++) {
		char *name;

		if (asprintf(&name, "%s#%u", label, n) < 0)
			return -ENOMEM;
		index = add_field(perf, name, metric, &UNIT_NONE, true);
		free(name);
	}
	return index;
}

int perf_add_life_fields(struct perf *perf)
{
	int index;

	perf->event_fields = calloc(perf->events.n + 1, sizeof(*perf->event_fields));
	if (!perf->event_fields)
		return -ENOMEM;
	index = add_field(perf, CPU_TIME, LIFE_NO_METRIC, &UNIT_NANOSECOND,
	                  is_requested(perf, CPU_TIME));
	if (index < 0)
		return index;
	perf->cpu_time_field = (size_t)index;
	for (size_t i = 0; i < perf->events.n; i++) {
		index = add_event_field(perf, i);
		if (index < 0)
			return index;
		perf->event_fields[i] = (size_t)index;
	}
	return 0;
}

/* Other plugins' fields have no value yet. */
static struct life_value *values_of(struct perf *perf, const struct process *process)
{
	const size_t n = pipeline_life_schema(perf->pipeline)->n;

	if (!perf->life_values)
		perf->life_values = calloc(n, sizeof(*perf->life_values));
	if (!perf->life_values)
		return NULL;
	for (size_t i = 0; i < n; i++)
		perf->life_values[i].type = VALUE_NONE;
	for (size_t i = 0; i < perf->events.n; i++)
		perf->life_values[perf->event_fields[i]] = rows_value(perf->rows, process, i);
	perf->life_values[perf->cpu_time_field] =
		(struct life_value){VALUE_U64, {.u64 = process->sum->kernel.cpu_ns}};
	return perf->life_values;
}

int perf_push_life(struct perf *perf, const struct process *process)
{
	struct life life = {
		.key = {.pid = process->id.pid, .start_ns = process->id.start_ns},
		.number = 1,
		.is_root = process->is_root,
		.ended = process->is_complete,
		.executed = process->executed,
		.wait_status = process->wait_status,
		.begin_ns = process->begin_ns,
		.end_ns = process->end_ns,
		.comm = process->comm,
		.exe = process->exe ? process->exe : "",
		.threads = process->threads_n,
	};

	if (!pipeline_wants_lives(perf->pipeline))
		return 0;
	if (process->parent.start_ns)
		life.parent = (struct process_key){.pid = process->parent.pid,
		                                   .start_ns = process->parent.start_ns};
	life.values = values_of(perf, process);
	return life.values ? pipeline_push_life(perf->pipeline, &life) : -ENOMEM;
}
