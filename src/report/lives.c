/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/lives.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/*
 * Like in the summary of exec, perf's clocks have no unit: a column that repeats the CPU time is
 * left out.
 */
static const struct unit *unit_of(const struct report_field *field)
{
	static const struct {
		const char *name;
		const struct unit *unit;
	} units[] = {{"ns", &UNIT_NANOSECOND}, {"B", &UNIT_BYTE}, {"J", &UNIT_JOULE}};

	if (field->kind == FIELD_EVENT && !strstr(field->metric->bytes, "_ns"))
		return &UNIT_NONE;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(field->unit, units[i].name) == 0)
			return units[i].unit;
	}
	return &UNIT_NONE;
}

/*
 * CPU time and energy have their usual names, even if they come from a clock of perf, or from a
 * formula.
 */
static const char *name_of(const struct report_field *field)
{
	if (field->kind == FIELD_CPU_TIME)
		return "cpu-time";
	return field->kind == FIELD_ENERGY ? "attributed-energy" : field->name;
}

/* Whether all values of a field are whole numbers, as of a counter, whose sum has 64 bits. */
static bool is_whole(const struct report_data *data, size_t field)
{
	double sum = 0;

	for (size_t i = 0; i < data->n_processes; i++) {
		const double value = report_value(data, i, (int)field);

		if (isnan(value))
			continue;
		sum += value;
		if (!(value >= 0) || !(sum < 0x1p63) || value != (double)(uint64_t)value)
			return false;
	}
	return data->fields[field].kind != FIELD_ENERGY;
}

int report_lives_init(struct report_lives *lives, const struct report_data *data)
{
	*lives = (struct report_lives){
		.data = data,
		.fields = calloc(data->n_fields + 1, sizeof(*lives->fields)),
		.values = calloc(data->n_fields + 1, sizeof(*lives->values)),
		.is_whole = calloc(data->n_fields + 1, sizeof(*lives->is_whole)),
	};
	if (!lives->fields || !lives->values || !lives->is_whole)
		return -ENOMEM;
	for (size_t i = 0; i < data->n_fields; i++) {
		const struct report_field *field = &data->fields[i];

		lives->is_whole[i] = is_whole(data, i);
		lives->fields[i] = (struct life_field){
			.name = name_of(field),
			.metric = LIFE_NO_METRIC,
			.unit = unit_of(field),
			.fold = field->is_max ? LIFE_FOLD_MAX : LIFE_FOLD_SUM,
			/* A process's rows are in the order of -e, and so are the fields. */
			.requested = field->has_rows && field->kind != FIELD_CPU_TIME
		                             ? (uint32_t)i + 1
		                             : 0,
		};
	}
	lives->schema = (struct life_schema){data->n_fields, lives->fields};
	return 0;
}

void report_lives_fini(struct report_lives *lives)
{
	free(lives->fields);
	free(lives->values);
	free(lives->is_whole);
	free(lives->args);
	*lives = (struct report_lives){.data = NULL};
}

size_t report_args_split(const struct report_text *text, char *to)
{
	const char *at = text->bytes, *const end = at + text->n;
	size_t n = 0;
	bool quoted = false;

	for (; at < end; at++) {
		if (*at == '\'')
			quoted = !quoted;
		else if (*at == '\\' && !quoted && at + 1 < end && at[1] == '\'')
			to[n++] = *++at;
		else
			to[n++] = *at == ' ' && !quoted ? '\0' : *at;
	}
	to[n++] = '\0';
	return n;
}

static int make_args(struct report_lives *lives, const struct report_text *text, struct life *life)
{
	if (text->n == 0)
		return 0;
	if (text->n + 1 > lives->args_capacity) {
		char *args = realloc(lives->args, text->n + 1);

		if (!args)
			return -ENOMEM;
		lives->args = args;
		lives->args_capacity = text->n + 1;
	}
	life->args = lives->args;
	life->args_length = report_args_split(text, lives->args);
	return 0;
}

int report_wait_status(const struct report_process *process)
{
	if (process->signal)
		return process->signal | (process->core ? 0x80 : 0);
	return process->exit_status << 8;
}

/* Processes of several runs may begin at the same time; their pids distinguish them. */
static struct process_key key_of(const struct report_process *process)
{
	return (struct process_key){process->pid, process->begin_ns + 1};
}

/*
 * A forked process has the path of its parent's program, but no arguments. What an adopted one did
 * before is not known; a kernel thread has neither.
 */
static bool has_executed(const struct report_process *process)
{
	if (process->args->n > 0 || process->execs > 0)
		return true;
	return process->exe->n == 0 && (process->is_adopted || !process->knows_execs);
}

int report_life_make(struct report_lives *lives, size_t i, struct life *life)
{
	const struct report_data *data = lives->data;
	const struct report_process *process = &data->processes[i];

	*life = (struct life){
		.key = key_of(process),
		.number = process->number,
		.is_root = report_is_command(data, i),
		.ended = !process->lives,
		.executed = has_executed(process),
		.status_hidden = process->status_hidden,
		.wait_status = report_wait_status(process),
		.oom_killed = process->oom_killed,
		.begin_ns = process->begin_ns,
		.end_ns = process->end_ns,
		.comm = process->comm->bytes,
		.exe = process->exe->bytes,
		.threads = process->threads ? process->threads : 1,
		.execs = process->execs,
		.values = lives->values,
	};
	if (process->parent != NO_PROCESS)
		life->parent = key_of(&data->processes[process->parent]);
	for (size_t f = 0; f < data->n_fields; f++) {
		const double value = report_value(data, i, (int)f);

		if (isnan(value))
			lives->values[f] = (struct life_value){.type = VALUE_NONE};
		else if (!lives->is_whole[f])
			lives->values[f] = (struct life_value){.type = VALUE_F64, .f64 = value};
		else
			lives->values[f] =
				(struct life_value){.type = VALUE_U64, .u64 = (uint64_t)value};
		lives->values[f].estimated = report_estimated(data, i, (int)f);
	}
	return make_args(lives, process->args, life);
}
