/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Everything that was read, as JSON. docs/report.schema.json describes it. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "report/formats.h"
#include "report/json.h"
#include "report/names.h"
#include "report/ranks.h"
#include "report/totals.h"

/* Write to the file whenever there is this much text. */
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

/* The values of a process, a command or the whole run, by the names of the fields. */
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

/* For a process's values that are estimates: by how much they may be wrong. */
static void add_estimated(struct text *json, const struct report_data *data, size_t process)
{
	bool is_open = false;

	for (size_t i = 0; i < data->n_fields; i++) {
		const double bound = report_estimated(data, process, (int)i);

		if (!(bound > 0))
			continue;
		if (!is_open) {
			json_add_key(json, "estimated");
			text_add_char(json, '{');
		}
		is_open = true;
		json_add_pair_f64(json, data->fields[i].name, bound);
	}
	if (is_open)
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

/* The attributes of a run's run_info, by name. */
static void add_info(struct text *json, const struct report_run *run)
{
	const char *line = run->info->bytes, *end;

	json_add_key(json, "info");
	text_add_char(json, '{');
	for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		const char *equals = memchr(line, '=', (size_t)(end - line));

		if (!equals)
			continue;
		json_separate(json);
		json_add_string(json, line, (size_t)(equals - line));
		text_add_char(json, ':');
		json_add_string(json, equals + 1, (size_t)(end - equals) - 1);
	}
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
		json_add_pair_u64(json, "wall_ns", report_wall_ns(data, (uint32_t)i));
		if (run->lacks_end)
			text_add_string(json, ",\"complete\":false");
		if (run->info->n > 0)
			add_info(json, run);
		text_add_char(json, '}');
	}
	text_add_char(json, ']');
}

/* What the agent reported about each run. */
static void add_notices(struct text *json, const struct report_data *data)
{
	json_add_key(json, "notices");
	text_add_char(json, '[');
	for (size_t i = 0; i < data->n_notices; i++) {
		const struct report_notice *notice = &data->notices[i];

		json_separate(json);
		text_add_char(json, '{');
		json_add_pair_u64(json, "run", notice->run);
		json_add_pair(json, "kind", notice->is_loss ? "loss" : "note");
		json_add_pair(json, "text", notice->text);
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

/* The ranks of a job compared with each other. */
static void add_balances(struct text *json, const struct report_job *job)
{
	json_add_key(json, "balance");
	text_add_char(json, '[');
	for (size_t i = 0; i < RANK_QUANTITIES; i++) {
		struct rank_balance balance;

		if (!rank_balance(job, i, &balance))
			continue;
		json_separate(json);
		text_add_char(json, '{');
		json_add_pair(json, "name", rank_quantities[i].name);
		json_add_pair_f64(json, "least", rank_value(balance.least, i));
		json_add_pair(json, "least_rank", balance.least->name->bytes);
		json_add_pair_f64(json, "most", rank_value(balance.most, i));
		json_add_pair(json, "most_rank", balance.most->name->bytes);
		json_add_pair_f64(json, "mean", balance.mean);
		json_add_pair_f64(json, "imbalance", rank_value(balance.most, i) / balance.mean);
		text_add_char(json, '}');
	}
	text_add_char(json, ']');
}

static void add_rank(struct text *json, const struct report_rank *rank)
{
	json_separate(json);
	text_add_char(json, '{');
	json_add_pair(json, "rank", rank->name->bytes);
	json_add_pair_u64(json, "host", rank->host);
	json_add_pair_u64(json, "processes", rank->processes);
	json_add_pair_u64(json, "failed", rank->failed);
	json_add_key(json, "values");
	text_add_char(json, '{');
	for (size_t i = 0; i < RANK_QUANTITIES; i++) {
		const double value = rank_value(rank, i);

		if (isnan(value))
			continue;
		json_separate(json);
		json_add_string(json, rank_quantities[i].name, strlen(rank_quantities[i].name));
		text_add_char(json, ':');
		json_add_f64(json, value);
	}
	text_add_string(json, "}}");
}

static void add_host(struct text *json, const struct report_host *host)
{
	json_separate(json);
	text_add_char(json, '{');
	json_add_pair(json, "hostname", host->name->bytes);
	json_add_pair(json, "boot_id", host->boot->bytes);
	json_add_pair_u64(json, "processes", host->processes);
	if (!isnan(host->joules)) {
		json_add_pair_u64(json, "energy_run", host->energy_run);
		json_add_pair_f64(json, "joules", host->joules);
	}
	text_add_char(json, '}');
}

static void add_job(struct text *json, const struct report_data *data,
                    const struct report_jobs *jobs, uint32_t which)
{
	const struct report_job *job = &jobs->items[which];

	json_separate(json);
	text_add_char(json, '{');
	json_add_pair(json, "job", job->job->bytes);
	json_add_pair(json, "step", job->step->bytes);
	json_add_pair_u64(json, "wall_ns",
	                  job->end_ns > job->begin_ns ? job->end_ns - job->begin_ns : 0);
	if (!isnan(rank_hosts_joules(job)))
		json_add_pair_f64(json, "joules", rank_hosts_joules(job));
	json_add_key(json, "runs");
	text_add_char(json, '[');
	for (size_t i = 0; i < data->n_runs; i++) {
		if (jobs->of_run[i] == which) {
			json_separate(json);
			json_add_u64(json, i);
		}
	}
	text_add_char(json, ']');
	json_add_key(json, "hosts");
	text_add_char(json, '[');
	for (size_t i = 0; i < job->n_hosts; i++)
		add_host(json, &job->hosts[i]);
	text_add_char(json, ']');
	json_add_key(json, "ranks");
	text_add_char(json, '[');
	for (size_t i = 0; i < job->n_ranks; i++)
		add_rank(json, &job->ranks[i]);
	text_add_char(json, ']');
	add_balances(json, job);
	text_add_char(json, '}');
}

static void add_process(struct text *json, const struct report_data *data, size_t i)
{
	const struct report_process *process = &data->processes[i];
	const struct report_run *run = &data->runs[process->run];

	json_separate(json);
	text_add_char(json, '{');
	json_add_pair_u64(json, "run", process->run);
	json_add_pair_u64(json, "pid", process->pid);
	if (process->rank->n > 0)
		json_add_pair(json, "rank", process->rank->bytes);
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
	if (data->estimated)
		add_estimated(json, data, i);
	text_add_char(json, '}');
}

static void add_top(struct text *json, const struct report_data *data,
                    const struct report_totals *totals, const struct report_jobs *jobs)
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
	add_notices(json, data);
	add_runs(json, data);
	json_add_key(json, "jobs");
	text_add_char(json, '[');
	for (uint32_t i = 0; i < jobs->n; i++)
		add_job(json, data, jobs, i);
	text_add_char(json, ']');
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
	struct report_jobs jobs;
	int err = report_totals_make(data, &totals), jobs_err = report_jobs_make(data, &jobs);

	if (!err)
		err = jobs_err;
	if (!err) {
		add_top(&json, data, &totals, &jobs);
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
	report_jobs_fini(&jobs);
	report_totals_fini(&totals);
	return err;
}
