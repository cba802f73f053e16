/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/, with Alumet's names: the
 * measurement is the metric without its unit, the tags are resource and consumer, the field is
 * value.
 */
#include <stdio.h>
#include <stdlib.h>
#include <math.h>
#include <string.h>

#include "core/log.h"
#include "core/number.h"
#include "report/fields.h"
#include "report/heading.h"
#include "report/names.h"
#include "report/totals.h"
#include "report/origin.h"
#include "send/stores.h"

/* Lines of one request at most. */
#define LINES_MAX 5000

/* The store's integers are signed and have 64 bits. */
#define INTEGER_END 9223372036854775808.0 /* 2^63 */

struct influx {
	struct post *post;
	struct report_data *data;
	const struct report_run *run;
	struct text lines;
	size_t n;
	uint64_t time_ns; /* of the next lines */
	size_t n_left_out;
	const char *left_out; /* the metric of the first value left out */
};

/*
 * Escape the special characters: of a tag ",= ", of a measurement ", ", where the '\\' of "\=" is
 * part of the name. '\\' becomes '/': at the end it would escape the next character.
 */
static void add_escaped(struct text *out, const char *bytes, size_t n, const char *special)
{
	struct text visible = {.data = NULL};

	report_add_visible(&visible, bytes, n);
	for (size_t i = 0; i < visible.n; i++) {
		const char c = visible.data[i];

		if (strchr(special, c))
			text_add_char(out, '\\');
		text_add_char(out, c == '\\' ? '/' : c);
	}
	out->failed |= visible.failed;
	text_fini(&visible);
}

/* Callers add tags sorted by key, which is fastest for the store. Empty tags are left out. */
static void add_tag(struct influx *influx, const char *key, const char *bytes, size_t n)
{
	if (!bytes || n == 0)
		return;
	text_add_char(&influx->lines, ',');
	text_add_string(&influx->lines, key);
	text_add_char(&influx->lines, '=');
	add_escaped(&influx->lines, bytes, n, ",= ");
}

static void add_origin(struct influx *influx, const char *key)
{
	size_t n = 0;
	const char *value = origin_find(influx->run, key, &n);

	add_tag(influx, key, value, n);
}

/* What the value of a line belongs to. */
struct consumer {
	const char *kind, *id;
	size_t n_id;
	const char *command;            /* of a process; NULL: none */
	const struct report_text *rank; /* "": none */
};

static void begin_line(struct influx *influx, const char *measurement,
                       const struct consumer *consumer)
{
	add_escaped(&influx->lines, measurement, strlen(measurement), ", ");
	if (consumer->command)
		add_tag(influx, "command", consumer->command, strlen(consumer->command));
	add_origin(influx, "hostname");
	add_origin(influx, "job_id");
	add_tag(influx, "rank", consumer->rank->bytes, consumer->rank->n);
	add_tag(influx, "resource_consumer_id", consumer->id, consumer->n_id);
	add_tag(influx, "resource_consumer_kind", consumer->kind, strlen(consumer->kind));
	add_tag(influx, "resource_kind", "local_machine", strlen("local_machine"));
	add_origin(influx, "step");
}

/* Send the lines so far. Returns as post_body() does. */
static int hand_out(struct influx *influx)
{
	const int err =
		influx->n > 0 ? post_rows(influx->post, NULL, &influx->lines, 0, influx->n, false)
			      : 0;

	influx->lines.n = 0;
	influx->n = 0;
	return err;
}

/*
 * Add the nearest whole number. value: below INTEGER_END. Not with round(): each start of the agent
 * would load libm for it. The conversion cuts the fraction off; adding 0.5 before it would change
 * large odd numbers, which have none.
 */
static void add_whole(struct text *out, double value)
{
	char digits[NUMBER_U64_SIZE];
	const double size = fabs(value);
	uint64_t whole = (uint64_t)size;

	whole += size - (double)whole >= 0.5;
	if (value < 0 && whole > 0)
		text_add_char(out, '-');
	text_add(out, digits, number_format_u64(whole, digits));
	text_add_char(out, 'i');
}

/* Whole numbers get the suffix i: before InfluxDB 2, stores do not know u, for unsigned ones. */
static int end_line(struct influx *influx, double value, bool is_whole)
{
	char digits[NUMBER_F64_SIZE], time[NUMBER_U64_SIZE];

	text_add_string(&influx->lines, " value=");
	if (is_whole)
		add_whole(&influx->lines, value);
	else
		text_add(&influx->lines, digits, number_format_f64(value, digits));
	text_add_char(&influx->lines, ' ');
	text_add(&influx->lines, time, number_format_u64(influx->time_ns, time));
	text_add_char(&influx->lines, '\n');
	influx->n++;
	return influx->n >= LINES_MAX || influx->n >= influx->post->rows_max ? hand_out(influx) : 0;
}

/* A line that begins with '#' is a comment. Files of other agents may contain any number. */
static bool can_be_sent(const char *measurement, double value, bool is_whole)
{
	return *measurement != '#' && !isinf(value) && !(is_whole && fabs(value) >= INTEGER_END);
}

/* Whether the value goes into a line. If there is one that cannot be sent, it is counted. */
static bool is_sent(struct influx *influx, const char *measurement, double value, bool is_whole)
{
	if (isnan(value))
		return false;
	if (can_be_sent(measurement, value, is_whole))
		return true;
	if (influx->n_left_out++ == 0)
		influx->left_out = measurement;
	return false;
}

static int add_value(struct influx *influx, const char *measurement,
                     const struct consumer *consumer, double value, bool is_whole)
{
	if (!is_sent(influx, measurement, value, is_whole))
		return 0;
	begin_line(influx, measurement, consumer);
	return end_line(influx, value, is_whole);
}

static const char *measurement_of(const struct report_field *field)
{
	return field->kind == FIELD_EVENT ? field->metric->bytes : field_metric(field->kind);
}

static int add_fields(struct influx *influx, const struct consumer *consumer, const double *values)
{
	int err = 0;

	for (size_t i = 0; !err && i < influx->data->n_fields; i++) {
		const struct report_field *field = &influx->data->fields[i];

		err = add_value(influx, measurement_of(field), consumer, values[i],
		                !field->is_difference);
	}
	return err;
}

static int add_sums(struct influx *influx, const struct report_command *command,
                    const struct consumer *consumer)
{
	int err = add_value(influx, "processes", consumer, (double)command->processes, true);

	if (!err)
		err = add_value(influx, "failed_processes", consumer, (double)command->failed,
		                true);
	return err ? err : add_fields(influx, consumer, command->values);
}

/* The whole is named after the job, else the command, so that repeated runs share a series. */
static int add_commands(struct influx *influx, const struct report_totals *totals,
                        const struct report_text *rank)
{
	const struct report_process *root =
		report_root(influx->data, (uint32_t)(influx->run - influx->data->runs));
	struct consumer whole = {.kind = "job", .rank = rank};
	char buffer[32];
	int err;

	whole.id = origin_find(influx->run, "job_id", &whole.n_id);
	if (!whole.id && root) {
		whole.id = report_label(root, buffer);
		whole.n_id = strlen(whole.id);
	}
	err = add_sums(influx, &totals->all, &whole);
	for (size_t i = 0; !err && i < totals->n; i++) {
		const struct report_command *command = &totals->commands[i];
		const struct consumer consumer = {
			.kind = "command",
			.id = command->label->bytes,
			.n_id = command->label->n,
			.rank = rank,
		};

		err = add_sums(influx, command, &consumer);
	}
	return err;
}

/*
 * The file of a node's agent has the processes of several ranks. Each rank gets its own sums, as if
 * it had its own file. seen, by the id of a text, is the last run in which the rank was added, + 1.
 */
static int add_run(struct influx *influx, uint32_t run, uint32_t *seen)
{
	const size_t end = report_first_of(influx->data, run + 1);
	int err = 0;

	influx->run = &influx->data->runs[run];
	influx->time_ns = origin_epoch_ns(influx->run, influx->run->end_ns);
	for (size_t i = report_first_of(influx->data, run); !err && i < end; i++) {
		const struct report_text *rank = influx->data->processes[i].rank;
		struct report_totals totals;

		if (seen[rank->id] == run + 1)
			continue;
		seen[rank->id] = run + 1;
		err = report_totals_make_rank(influx->data, run, rank, &totals);
		err = err ? log_oom() : add_commands(influx, &totals, rank);
		report_totals_fini(&totals);
	}
	return err;
}

/* Each run of a series, or of a file to which runs are added, has its own sums. */
static int add_runs(struct influx *influx)
{
	uint32_t *seen = calloc(influx->data->texts.n + 1, sizeof(*seen));
	int err = seen ? 0 : log_oom();

	for (uint32_t run = 0; !err && run < influx->data->n_runs; run++)
		err = add_run(influx, run, seen);
	free(seen);
	return err;
}

/* Processes whose rows have no rank get that of the run. Returns 0 or -ENOMEM, logged. */
static int complete_ranks(struct report_data *data)
{
	for (size_t i = 0; i < data->n_processes; i++) {
		struct report_process *process = &data->processes[i];
		size_t n = 0;
		const char *of_run = origin_find(&data->runs[process->run], "rank", &n);

		if (process->rank->n == 0 && of_run)
			process->rank = report_texts_get(&data->texts, of_run, n);
		if (!process->rank)
			return log_oom();
	}
	return 0;
}

static int add_processes(struct influx *influx)
{
	int err = 0;

	for (size_t i = 0; !err && i < influx->data->n_processes; i++) {
		const struct report_process *process = &influx->data->processes[i];
		char pid[NUMBER_U64_SIZE], buffer[32];
		const struct consumer consumer = {
			.kind = "process",
			.id = pid,
			.n_id = number_format_u64(process->pid, pid),
			.command = report_label(process, buffer),
			.rank = process->rank,
		};

		influx->run = &influx->data->runs[process->run];
		influx->time_ns = origin_epoch_ns(influx->run, process->end_ns);
		err = add_fields(influx, &consumer,
		                 influx->data->values + i * influx->data->n_fields);
	}
	return err;
}

static int add_energies(struct influx *influx)
{
	int err = 0;

	for (size_t i = 0; !err && i < influx->data->n_energies; i++) {
		const struct report_energy *energy = &influx->data->energies[i];
		const char *measurement =
			energy->part ? "attributed_energy" : "rapl_consumed_energy";

		if (!is_sent(influx, measurement, energy->joules, false))
			continue;
		influx->run = &influx->data->runs[energy->run];
		influx->time_ns = origin_epoch_ns(influx->run, influx->run->end_ns);
		text_add_string(&influx->lines, measurement);
		add_tag(influx, "domain", energy->domain->bytes, energy->domain->n);
		add_origin(influx, "hostname");
		add_origin(influx, "job_id");
		if (energy->part)
			add_tag(influx, "part", energy->part->bytes, energy->part->n);
		add_origin(influx, "rank");
		add_tag(influx, "resource_consumer_kind", "local_machine", strlen("local_machine"));
		add_tag(influx, "resource_id", energy->resource_id->bytes, energy->resource_id->n);
		add_tag(influx, "resource_kind", energy->resource_kind->bytes,
		        energy->resource_kind->n);
		add_origin(influx, "step");
		err = end_line(influx, energy->joules, false);
	}
	return err;
}

int send_influx(struct post *post, struct report_data *data, bool per_process)
{
	struct influx influx = {.post = post, .data = data};
	int err;

	err = complete_ranks(data);
	if (!err)
		err = per_process ? add_processes(&influx) : add_runs(&influx);
	if (!err)
		err = add_energies(&influx);
	if (!err)
		err = hand_out(&influx);
	if (influx.n_left_out > 0)
		log_warn("%zu values were not sent: InfluxDB has no number as large, or takes the "
		         "line of '%s' for a comment",
		         influx.n_left_out, influx.left_out);
	text_fini(&influx.lines);
	return err;
}
