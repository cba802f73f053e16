/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Makes lives of processes: their fields, and the values of these. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/pipeline.h"
#include "sources/perf/fields.h"
#include "sources/perf/perf.h"

/* The event by which the user requested the field, or NULL. */
static const struct event *event_of_field(const struct perf *perf, uint32_t field)
{
	for (size_t i = 0; i < perf->events.n; i++) {
		const struct event *event = &perf->events.events[i];

		/* TASK_CLOCK is cpu-time, too, with a metric and a column of its own. */
		if (event->origin == EVENT_FROM_KERNEL && event->field == field && event->unit)
			return event;
	}
	return NULL;
}

/* Every field with a name, requested or not. */
static int add_kept_fields(struct perf *perf)
{
	for (uint32_t i = 0; i < FIELDS_N; i++) {
		const struct event *event = event_of_field(perf, i);
		const struct life_field field = {
			.name = process_fields[i].name,
			.metric = event ? rows_metric(perf->rows,
		                                      (size_t)(event - perf->events.events))
		                        : LIFE_NO_METRIC,
			.unit = process_fields[i].unit,
			.fold = process_fields[i].fold,
			.requested = event ? (uint32_t)(event - perf->events.events) + 1 : 0,
		};
		int index = process_fields[i].name ? pipeline_add_life_field(perf->pipeline, &field)
		                                   : 0;

		if (index < 0)
			return index;
		perf->kept_fields[i] = (size_t)index;
	}
	return 0;
}

char *perf_readable_label(const char *label)
{
	char *name = strdup(label);

	if (!name || label[strspn(label, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")])
		return name;
	for (char *c = name; *c; c++)
		*c = *c == '_' ? '-' : (char)tolower((unsigned char)*c);
	return name;
}

/* Labels are chosen by the user, and may be equal: "cycles", "cycles#2". */
static int add_event_field(struct perf *perf, size_t event)
{
	char *label = perf_readable_label(perf->events.events[event].label);
	struct life_field field = {
		.name = label,
		.metric = rows_metric(perf->rows, event),
		.unit = &UNIT_NONE,
		.requested = (uint32_t)event + 1,
	};
	int index = label ? pipeline_add_life_field(perf->pipeline, &field) : -ENOMEM;

	for (unsigned int n = 2; index == -EEXIST; n++) {
		char *name;

		if (asprintf(&name, "%s#%u", label, n) < 0) {
			index = -ENOMEM;
			break;
		}
		field.name = name;
		index = pipeline_add_life_field(perf->pipeline, &field);
		free(name);
	}
	free(label);
	return index;
}

int perf_add_life_fields(struct perf *perf)
{
	int err = add_kept_fields(perf);

	if (err)
		return err;
	perf->event_fields = calloc(perf->events.n + 1, sizeof(*perf->event_fields));
	if (!perf->event_fields)
		return -ENOMEM;
	for (size_t i = 0; i < perf->events.n; i++) {
		const struct event *event = &perf->events.events[i];
		int index = event->unit ? (int)perf->kept_fields[event->field]
		                        : add_event_field(perf, i);

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
		perf->life_values[perf->event_fields[i]] =
			rows_value(perf->rows, process, i, process->end_ns);
	for (uint32_t i = 0; i < FIELDS_N; i++) {
		if (process_fields[i].name)
			perf->life_values[perf->kept_fields[i]] =
				field_value(process, i, process->end_ns);
	}
	return perf->life_values;
}

/* With the NUL of the last argument, which is behind them if that was cut. */
static size_t length_of_args(const struct process *process)
{
	const size_t n = process->args ? process->args_length : 0;

	return n > 0 && process->args[n - 1] != '\0' ? n + 1 : n;
}

int perf_push_life(struct perf *perf, const struct process *process)
{
	const __u64 execs = process->sum->fields[TASK_EXECS];
	const bool is_status_hidden = process_status_is_hidden(process);
	struct life life = {
		.key = {.pid = process->id.pid, .start_ns = process->id.start_ns},
		.number = process->number,
		.is_root = process->is_root,
		.ended = process->is_complete && !process->has_left,
		/* An adopted one can have arguments of its own, as workers of servers have. */
		.executed = process->executed || (process->is_adopted && process->args_length > 0),
		.status_hidden = is_status_hidden,
		.wait_status = is_status_hidden ? 0 : process->wait_status,
		.begin_ns = process->begin_ns,
		.end_ns = process->end_ns,
		.comm = process->comm,
		.exe = process->exe ? process->exe : "",
		.args = process->args,
		.args_length = length_of_args(process),
		.args_cut = process->args_cut,
		.rank = process->rank,
		.oom_killed = process->oom_killed && !is_status_hidden,
		.threads = process->threads_n,
		.execs = execs == TASK_FIELD_NONE ? 0 : (uint32_t)execs,
	};

	if (!pipeline_wants_lives(perf->pipeline))
		return 0;
	if (process->parent.start_ns)
		life.parent = (struct process_key){.pid = process->parent.pid,
		                                   .start_ns = process->parent.start_ns};
	life.values = values_of(perf, process);
	return life.values ? pipeline_push_life(perf->pipeline, &life) : -ENOMEM;
}
