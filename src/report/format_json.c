/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Everything that was read, as JSON; docs/report.schema.json describes it. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "report/formats.h"
#include "report/json.h"
#include "report/names.h"
#include "report/totals.h"

/* Written out whenever so much has come together. */
#define FLUSH_SIZE ((size_t)64 * 1024)

static void flush(struct text *json, FILE *out, bool *failed)
{
	*failed = *failed || json->failed;
	fwrite(json->data, 1, json->n, out);
	text_clear(json, 2 * FLUSH_SIZE);
}

static void add_time(struct text *json, const char *key, const struct report_run *run,
                     uint64_t time_ns)
{
	char text[CLOCK_RFC3339_SIZE];

	clock_format_rfc3339(run->start_ns + (time_ns - run->begin_ns), text);
	json_add_pair(json, key, text);
}

/* The values that processes, commands and all of them have, by the names of the fields. */
static void add_values(struct text *json, const struct report_data *data, const double *values)
{
	json_add_key(json, "values");
	text_add_char(json, '{');
	for (size_t i = 0; i < data->n_fields; i++) {
		if (isnan(values[i]))
			continue;
		json_separate(json);
		json_add_string(json, data->fields[i].name, strlen(data->fields[i].name));
		text_add_char(json, ':');
		json_add_f64(json, values[i]);
	}
	text_add_char(json, '}');
}

static void add_command(struct text *json, const struct report_data *data,
                        const struct report_command *command)
{
	json_separate(json);
	text_add_char(json, '{');
	if (command->label)
		json_add_pair(json, "command", command->label->bytes);
	json_add_pair_u64(json, "processes", command->processes);
	json_add_pair_u64(json, "failed", command->failed);
	json_add_pair_f64(json, "lifetime_ns", command->wall_ns);
	add_values(json, data, command->values);
	text_add_char(json, '}');
}

static void add_runs(struct text *json, const struct report_data *data)
{
	json_add_key(json, "runs");
	text_add_char(json, '[');
	for (size_t i = 0; i < data->n_runs; i++) {
		const struct report_run *run = &data->runs[i];

		json_separate(json);
		text_add_char(json, '{');
		json_add_pair(json, "file", run->file);
		if (run->id->n > 0)
			json_add_pair(json, "id", run->id->bytes);
		add_time(json, "start", run, run->begin_ns);
		add_time(json, "end", run, run->end_ns);
		json_add_pair_u64(json, "wall_ns", run->end_ns - run->begin_ns);
		text_add_char(json, '}');
	}
	text_add_char(json, ']');
}

static void add_fields(struct text *json, const struct report_data *data)
{
	json_add_key(json, "fields");
	text_add_char(json, '[');
	for (size_t i = 0; i < data->n_fields; i++) {
		json_separate(json);
		text_add_char(json, '{');
		json_add_pair(json, "name", data->fields[i].name);
		json_add_pair(json, "metric", data->fields[i].metric->bytes);
		json_add_pair(json, "unit", data->fields[i].unit);
		json_add_pair(json, "fold", data->fields[i].is_max ? "max" : "sum");
		text_add_char(json, '}');
	}
	text_add_char(json, ']');
}

static void add_energies(struct text *json, const struct report_data *data)
{
	json_add_key(json, "energy");
	text_add_char(json, '[');
	for (size_t i = 0; i < data->n_energies; i++) {
		const struct report_energy *energy = &data->energies[i];

		json_separate(json);
		text_add_char(json, '{');
		json_add_pair_u64(json, "run", energy->run);
		json_add_pair(json, "domain", energy->domain->bytes);
		json_add_pair(json, "resource_kind", energy->resource_kind->bytes);
		json_add_pair(json, "resource_id", energy->resource_id->bytes);
		if (energy->part)
			json_add_pair(json, "part", energy->part->bytes);
		if (energy->method->n > 0)
			json_add_pair(json, "method", energy->method->bytes);
		json_add_pair_f64(json, "joules", energy->joules);
		text_add_char(json, '}');
	}
	text_add_char(json, ']');
}

static void add_process(struct text *json, const struct report_data *data, size_t i)
{
	const struct report_process *process = &data->processes[i];
	const struct report_run *run = &data->runs[process->run];

	json_separate(json);
	text_add_char(json, '{');
	json_add_pair_u64(json, "run", process->run);
	json_add_pair_u64(json, "pid", process->pid);
	json_add_pair_u64(json, "life", process->number);
	if (process->parent != NO_PROCESS)
		json_add_pair_u64(json, "parent", process->parent);
	if (process->parent_pid)
		json_add_pair_u64(json, "ppid", process->parent_pid);
	json_add_pair(json, "comm", process->comm->bytes);
	json_add_pair(json, "exe", process->exe->bytes);
	json_add_key(json, "args");
	json_add_string(json, process->args->bytes, process->args->n);
	add_time(json, "start", run, process->begin_ns);
	add_time(json, "end", run, process->end_ns);
	json_add_pair_u64(json, "wall_ns", process->end_ns - process->begin_ns);
	if (process->signal)
		json_add_pair_u64(json, "signal", process->signal);
	else if (process->has_end && !process->status_hidden)
		json_add_pair_u64(json, "exit_status", process->exit_status);
	if (process->lives)
		text_add_string(json, ",\"alive\":true");
	if (process->core)
		text_add_string(json, ",\"core\":true");
	if (process->oom_killed)
		text_add_string(json, ",\"oom_killed\":true");
	if (process->threads)
		json_add_pair_u64(json, "threads", process->threads);
	if (process->execs)
		json_add_pair_u64(json, "execs", process->execs);
	add_values(json, data, data->values + i * data->n_fields);
	text_add_char(json, '}');
}

static void add_top(struct text *json, const struct report_data *data,
                    const struct report_totals *totals)
{
	text_add_string(json, "{\"version\":1");
	json_add_pair_u64(json, "wall_ns", data->end_ns);
	json_add_key(json, "notes");
	text_add_char(json, '[');
	for (size_t i = 0; i < data->n_notes; i++) {
		json_separate(json);
		json_add_string(json, data->notes[i], strlen(data->notes[i]));
	}
	text_add_char(json, ']');
	add_runs(json, data);
	add_fields(json, data);
	json_add_key(json, "total");
	add_command(json, data, &totals->all);
	add_energies(json, data);
	json_add_key(json, "commands");
	text_add_char(json, '[');
}

int report_write_json(struct report_data *data, const struct report_options *options, FILE *out)
{
	struct report_totals totals;
	struct text json = {.n = 0};
	bool failed = false;
	int err = report_totals_make(data, &totals);

	if (!err) {
		add_top(&json, data, &totals);
		for (size_t i = 0; i < totals.n; i++)
			add_command(&json, data, &totals.commands[i]);
		text_add_string(&json, "],\"processes\":[");
		for (size_t i = 0; i < data->n_processes; i++) {
			add_process(&json, data, i);
			if (json.n > FLUSH_SIZE && i + 1 < data->n_processes) {
				flush(&json, out, &failed);
				text_add_string(&json, ",\n");
			}
		}
		text_add_string(&json, "]}\n");
		flush(&json, out, &failed);
	}
	if (err || failed) {
		log_error("out of memory for the report");
		err = -ENOMEM;
	}
	text_fini(&json);
	report_totals_fini(&totals);
	return err;
}
