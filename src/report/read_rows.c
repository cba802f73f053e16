/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/read_rows.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct row_context {
	const struct report_row *row;
	struct build_metric metric;
	uint32_t run, pid;
	uint64_t time_ns;
	double value;
};

/* ---- cells ---- */

static const struct report_bytes *find_attribute(const struct report_row *row, const char *key)
{
	for (size_t i = 0; i < row->n_attributes; i++) {
		if (report_bytes_equal(row->attributes[i].key, key))
			return &row->attributes[i].value;
	}
	return NULL;
}

/* Whole numbers to 2^64 - 1; false: not one. */
static bool parse_u64(struct report_bytes bytes, uint64_t *value)
{
	uint64_t number = 0;

	if (bytes.n == 0 || bytes.n > 20)
		return false;
	for (size_t i = 0; i < bytes.n; i++) {
		const unsigned char digit = (unsigned char)(bytes.at[i] - '0');

		if (digit > 9 || number > UINT64_MAX / 10 ||
		    (number == UINT64_MAX / 10 && digit > UINT64_MAX % 10))
			return false;
		number = number * 10 + digit;
	}
	*value = number;
	return true;
}

static bool parse_u32(struct report_bytes bytes, uint32_t *value)
{
	uint64_t number;

	if (!parse_u64(bytes, &number) || number > UINT32_MAX)
		return false;
	*value = (uint32_t)number;
	return true;
}

/* The program stays in the C locale: a decimal point is a point. */
static bool parse_value(struct report_bytes bytes, double *value)
{
	uint64_t number;
	char *end;

	if (parse_u64(bytes, &number)) {
		*value = (double)number;
		return true;
	}
	if (bytes.n == 0)
		return false;
	*value = strtod(bytes.at, &end);
	return end == bytes.at + bytes.n && isfinite(*value);
}

static uint32_t attribute_u32(const struct report_row *row, const char *key)
{
	const struct report_bytes *bytes = find_attribute(row, key);
	uint32_t value;

	return bytes && parse_u32(*bytes, &value) ? value : 0;
}

static const struct report_text *keep(struct reader *reader, const struct report_bytes *bytes)
{
	if (!bytes)
		return reader->builder.nothing;
	return report_texts_get(&reader->builder.data->texts, bytes->at, bytes->n);
}

/* ---- runs ---- */

/* The run of a row: nearly always the last one of the file. */
static int find_run(struct reader *reader, const struct report_row *row, uint32_t *run)
{
	struct report_data *data = reader->builder.data;
	const struct report_text *id = keep(reader, find_attribute(row, "run"));
	int err = 0;

	if (!id)
		return -ENOMEM;
	/* Rows of the machine, and all rows of a file with one run, may do without. */
	if (id->n == 0 && data->n_runs > reader->first_run) {
		*run = (uint32_t)data->n_runs - 1;
		return 0;
	}
	for (size_t i = data->n_runs; i > reader->first_run; i--) {
		if (data->runs[i - 1].id == id) {
			*run = (uint32_t)i - 1;
			return 0;
		}
	}
	if (data->n_runs > reader->first_run && data->runs[data->n_runs - 1].id->n == 0) {
		/* The rows before had none: they were this run's. */
		data->runs[data->n_runs - 1].id = id;
	} else {
		err = builder_add_run(&reader->builder, reader->name, id);
	}
	*run = (uint32_t)data->n_runs - 1;
	return err;
}

static int take_run_info(struct reader *reader, const struct row_context *at)
{
	struct report_data *data = reader->builder.data;
	struct report_run *run = &data->runs[at->run];
	char *lines = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&lines, &n);

	if (!out)
		return -ENOMEM;
	for (size_t i = 0; i < at->row->n_attributes; i++) {
		const struct report_attribute *attribute = &at->row->attributes[i];

		fwrite(attribute->key.at, 1, attribute->key.n, out);
		putc('=', out);
		fwrite(attribute->value.at, 1, attribute->value.n, out);
		putc('\n', out);
	}
	if (fclose(out) != 0) {
		free(lines);
		return -ENOMEM;
	}
	run->info = report_texts_get(&data->texts, lines, n);
	free(lines);
	return run->info ? 0 : -ENOMEM;
}

/* ---- processes ---- */

/* Without the attribute life, a new parent means a new process: an exec does not change it. */
static struct build_process *process_of_info(struct reader *reader, const struct row_context *at,
                                             uint32_t parent_pid)
{
	struct builder *builder = &reader->builder;
	const uint32_t number = attribute_u32(at->row, "life");
	const uint32_t current = builder_current(builder, at->run, at->pid);
	const struct report_process *process;

	if (number || current == NO_PROCESS)
		return builder_process(builder, at->run, at->pid, number);
	process = &builder->processes[current].process;
	if (process->has_end ||
	    (process->parent_pid && parent_pid && process->parent_pid != parent_pid))
		return builder_next_life(builder, at->run, at->pid);
	return &builder->processes[current];
}

static void see(struct build_process *process, uint64_t time_ns)
{
	if (time_ns < process->first_ns)
		process->first_ns = time_ns;
	if (time_ns > process->last_ns)
		process->last_ns = time_ns;
}

static int take_texts(struct reader *reader, struct report_process *process,
                      const struct report_row *row)
{
	static const char *const keys[] = {"comm", "exe", "args"};
	const struct report_text **const places[] = {&process->comm, &process->exe, &process->args};

	for (size_t i = 0; i < 3; i++) {
		const struct report_bytes *bytes = find_attribute(row, keys[i]);

		if (bytes)
			*places[i] = keep(reader, bytes);
		if (!*places[i])
			return -ENOMEM;
	}
	return 0;
}

static int take_process_info(struct reader *reader, const struct row_context *at)
{
	const uint32_t parent_pid = attribute_u32(at->row, "ppid");
	const size_t dropped = reader->builder.dropped;
	struct build_process *build = process_of_info(reader, at, parent_pid);

	if (!build)
		return reader->builder.dropped > dropped ? 0 : -ENOMEM;
	see(build, at->time_ns);
	if (!build->process.parent_pid && parent_pid) {
		build->process.parent_pid = parent_pid;
		build->first_parent = builder_current(&reader->builder, at->run, parent_pid);
	}
	return take_texts(reader, &build->process, at->row);
}

/* The number of a signal's name ("SIGKILL"), or of its number. 0: none, or none that is known. */
static uint8_t parse_signal(const struct report_bytes *bytes)
{
	uint32_t number = 0;

	if (!bytes)
		return 0;
	if (parse_u32(*bytes, &number))
		return number < NSIG ? (uint8_t)number : 0;
	if (bytes->n < 4 || memcmp(bytes->at, "SIG", 3) != 0)
		return 0;
	for (int signal = 1; signal < NSIG; signal++) {
		const char *name = sigabbrev_np(signal);

		if (name && strcmp(name, bytes->at + 3) == 0)
			return (uint8_t)signal;
	}
	return 0;
}

static int take_exit_attributes(struct reader *reader, struct build_process *build,
                                const struct row_context *at)
{
	for (size_t i = 0; i < at->row->n_attributes; i++) {
		const struct report_attribute *attribute = &at->row->attributes[i];
		const enum field_kind kind =
			field_of_exit_attribute(attribute->key.at, attribute->key.n);
		double value;
		int err;

		if (kind == FIELD_EVENT || !parse_value(attribute->value, &value))
			continue;
		err = builder_set_final(&reader->builder, build, kind, at->time_ns, value);
		if (err)
			return err;
	}
	return 0;
}

static int take_process_exit(struct reader *reader, const struct row_context *at)
{
	const size_t dropped = reader->builder.dropped;
	struct build_process *build =
		builder_process(&reader->builder, at->run, at->pid, attribute_u32(at->row, "life"));
	const struct report_bytes *start = find_attribute(at->row, "start");
	struct report_process *process;
	uint64_t begin_ns;

	if (!build)
		return reader->builder.dropped > dropped ? 0 : -ENOMEM;
	process = &build->process;
	if (start && !rfc3339_parse(&reader->times, start->at, start->n, &begin_ns) &&
	    begin_ns <= at->time_ns) {
		see(build, begin_ns);
		process->begin_ns = begin_ns;
	}
	see(build, at->time_ns);
	process->has_end = true;
	process->end_ns = at->time_ns;
	if (find_attribute(at->row, "signal")) {
		process->signal = parse_signal(find_attribute(at->row, "signal"));
		/* A real-time signal has no short name, but the status has its number. */
		if (!process->signal && at->value > 128 && at->value < 128 + NSIG)
			process->signal = (uint8_t)(at->value - 128);
	}
	process->status_hidden = !process->signal && isnan(at->value);
	if (!process->signal)
		process->exit_status = at->value >= 0 && at->value < 256 ? (uint8_t)at->value : 0;
	process->core = find_attribute(at->row, "core") != NULL;
	process->oom_killed = find_attribute(at->row, "oom") != NULL;
	process->threads = attribute_u32(at->row, "threads");
	process->execs = attribute_u32(at->row, "execs");
	reader->builder.data->runs[at->run].has_exits = true;
	if (take_texts(reader, process, at->row))
		return -ENOMEM;
	return take_exit_attributes(reader, build, at);
}

static int take_value(struct reader *reader, const struct row_context *at)
{
	const size_t dropped = reader->builder.dropped;
	struct build_process *build =
		builder_process(&reader->builder, at->run, at->pid, attribute_u32(at->row, "life"));
	const char *const key = at->metric.role == METRIC_ATTRIBUTED_ENERGY ? "domain" : "pmu";
	const struct report_text *variant = keep(reader, find_attribute(at->row, key));

	if (!build)
		return reader->builder.dropped > dropped ? 0 : -ENOMEM;
	if (!variant)
		return -ENOMEM;
	see(build, at->time_ns);
	/* Domains of the package are in the package's own; the platform is everything. */
	if (at->metric.role == METRIC_ATTRIBUTED_ENERGY && variant->n > 0 &&
	    strcmp(variant->bytes, "package") != 0 && strcmp(variant->bytes, "dram") != 0)
		return 0;
	return builder_add_value(&reader->builder, build, at->metric.field, variant, at->time_ns,
	                         at->value);
}

/* ---- the machine ---- */

static int take_energy(struct reader *reader, const struct row_context *at)
{
	const bool attributed = at->metric.role == METRIC_ATTRIBUTED_ENERGY;
	struct report_run *run = &reader->builder.data->runs[at->run];
	const struct report_bytes *part = find_attribute(at->row, "part");
	const struct report_energy key = {
		.run = at->run,
		.domain = keep(reader, find_attribute(at->row, "domain")),
		.resource_kind = keep(reader, &at->row->resource_kind),
		.resource_id = keep(reader, &at->row->resource_id),
		.part = part ? keep(reader, part) : NULL,
		.method = keep(reader, find_attribute(at->row, "method")),
	};

	if (!key.method || !key.domain || !key.resource_kind || !key.resource_id ||
	    (part && !key.part))
		return -ENOMEM;
	/* Alumet's sums over all packages would count everything twice. */
	if (strstr(key.domain->bytes, "_total") || (attributed && !part))
		return 0;
	if (at->time_ns > run->end_ns)
		run->end_ns = at->time_ns;
	return builder_add_energy(&reader->builder, &key, attributed, at->time_ns, at->value);
}

/* ---- rows ---- */

int read_row(struct reader *reader, const struct report_row *row)
{
	struct row_context at = {.row = row};
	/* What was measured and has no number: an exit status that is not to be told. */
	const bool has_value = row->value.n > 0;
	const bool of_process = report_bytes_equal(row->consumer_kind, "process");
	const struct build_metric *metric;
	int err;

	if (rfc3339_parse(&reader->times, row->time.at, row->time.n, &at.time_ns) ||
	    (has_value && !parse_value(row->value, &at.value)) ||
	    (of_process && !parse_u32(row->consumer_id, &at.pid))) {
		reader->bad_rows++;
		return 0;
	}
	if (!has_value)
		at.value = NAN;
	metric = builder_metric(&reader->builder, row->metric.at, row->metric.n);
	if (!metric)
		return -ENOMEM;
	at.metric = *metric;
	err = find_run(reader, row, &at.run);
	if (err)
		return err;
	if (metric->role == METRIC_RUN_INFO)
		return take_run_info(reader, &at);
	if (!has_value && metric->role != METRIC_PROCESS_EXIT)
		return 0;
	if (!of_process)
		return metric->role == METRIC_CONSUMED_ENERGY ||
		                       metric->role == METRIC_ATTRIBUTED_ENERGY
		               ? take_energy(reader, &at)
		               : 0;
	switch (metric->role) {
	case METRIC_PROCESS_INFO:
		return take_process_info(reader, &at);
	case METRIC_PROCESS_EXIT:
		return take_process_exit(reader, &at);
	default:
		return take_value(reader, &at);
	}
}
