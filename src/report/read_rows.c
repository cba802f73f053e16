/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/read_rows.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "report/read_parts.h"

/* ---- profile ---- */

static int take_frame(struct reader *reader, const struct row_context *at)
{
	const struct report_text *function =
		reader_keep(reader, row_attribute(at->row, "function"));
	const struct report_text *module = reader_keep(reader, row_attribute(at->row, "module"));

	if (!function || !module)
		return -ENOMEM;
	return at->value >= 1 && at->value <= REPORT_FRAME_NUMBERS_MAX
	               ? report_profile_frame(&reader->builder.profile, at->run,
	                                      (uint64_t)at->value, row_u64(at->row, "parent"),
	                                      function, module)
	               : 0;
}

static int take_samples(struct reader *reader, const struct row_context *at)
{
	struct builder *builder = &reader->builder;
	const size_t dropped = builder->dropped;
	const struct report_bytes *priced = row_attribute(at->row, "priced");
	struct build_process *build =
		builder_process(builder, at->run, at->pid, row_u32(at->row, "life"));
	struct report_count count = {.time_ns = at->time_ns,
	                             .samples = at->value,
	                             .weight = (double)row_u64(at->row, "weight")};

	if (!build)
		return builder->dropped > dropped ? 0 : -ENOMEM;
	if (priced && (!cell_number(*priced, &count.priced) || !(count.priced >= 0)))
		count.priced = 0;
	/* It may have no other rows, if records were lost. */
	read_see(build, at->time_ns);
	count.process = (uint32_t)(build - builder->processes);
	return report_profile_count(&builder->profile, at->run, row_u64(at->row, "stack"), &count);
}

/* ---- rows ---- */

/*
 * The metric of the attributed energy may have another name (formulas.NAME): it is the one of
 * shares in joules of a domain.
 */
static void recognize_energy(struct reader *reader, struct build_metric *metric,
                             const struct report_row *row, bool of_process)
{
	struct report_data *data = reader->builder.data;
	struct report_field *field;

	if (metric->role != METRIC_VALUE || metric->field >= data->n_fields)
		return;
	field = &data->fields[metric->field];
	if (field->kind != FIELD_EVENT || strcmp(field->unit, "J") != 0 ||
	    !row_attribute(row, "domain") || !(of_process || row_attribute(row, "part")) ||
	    report_field_of(data, FIELD_ENERGY) >= 0)
		return;
	metric->role = METRIC_ATTRIBUTED_ENERGY;
	field->kind = FIELD_ENERGY;
	field->is_difference = true;
}

/* A header within the file: several files were put together. */
static bool is_header(const struct report_row *row)
{
	return report_bytes_equal(row->metric, "metric") &&
	       report_bytes_equal(row->time, "timestamp");
}

/*
 * A second run_info begins another run, also where rows have no attribute run, as in files that
 * were put together.
 */
static int begin_run(struct reader *reader, uint32_t *run)
{
	const struct report_data *data = reader->builder.data;
	int err;

	if (data->runs[*run].info->n == 0 && !data->runs[*run].has_end)
		return 0;
	err = builder_add_run(&reader->builder, reader->name, data->runs[*run].id);
	*run = (uint32_t)data->n_runs - 1;
	return err;
}

int read_row(struct reader *reader, const struct report_row *row)
{
	struct row_context at = {.row = row};
	/* Some rows have no number, such as that of a withheld exit status. */
	const bool has_value = row->value.n > 0;
	const bool of_process = report_bytes_equal(row->consumer_kind, "process");
	struct build_metric *metric;
	int err;

	if (is_header(row))
		return 0;
	if (rfc3339_parse(&reader->times, row->time.at, row->time.n, &at.time_ns) ||
	    (has_value && !cell_number(row->value, &at.value)) ||
	    (of_process && !cell_u32(row->consumer_id, &at.pid))) {
		reader->bad_rows++;
		return 0;
	}
	if (!has_value)
		at.value = NAN;
	err = reader_find_run(reader, row, &at.run);
	if (err)
		return err;
	metric = builder_metric(&reader->builder, at.run, row->metric.at, row->metric.n);
	if (!metric)
		return -ENOMEM;
	recognize_energy(reader, metric, row, of_process);
	at.metric = *metric;
	if (metric->role == METRIC_RUN_INFO)
		err = begin_run(reader, &at.run);
	if (err)
		return err;
	builder_see_run(&reader->builder, at.run, at.time_ns);
	if (metric->role == METRIC_RUN_INFO)
		return read_run_info(reader, &at);
	if (metric->role == METRIC_RUN_NOTE)
		return read_run_note(reader, &at);
	if (metric->role == METRIC_RUN_END)
		return read_run_end(reader, &at);
	if (!has_value && metric->role != METRIC_PROCESS_EXIT)
		return 0;
	if (metric->role == METRIC_PROFILE_FRAME)
		return take_frame(reader, &at);
	if (!of_process)
		return metric->role == METRIC_CONSUMED_ENERGY ||
		                       metric->role == METRIC_ATTRIBUTED_ENERGY
		               ? read_energy(reader, &at)
		               : 0;
	switch (metric->role) {
	case METRIC_PROCESS_INFO:
		return read_process_info(reader, &at);
	case METRIC_PROCESS_EXIT:
		return read_process_exit(reader, &at);
	case METRIC_PROCESS_ALIVE:
		return read_process_alive(reader, &at);
	case METRIC_PROFILE_SAMPLES:
		return take_samples(reader, &at);
	default:
		return read_value(reader, &at);
	}
}
