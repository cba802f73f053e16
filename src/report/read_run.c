/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rows of the run and of the machine. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/read_parts.h"

/* Whether the file's last run has processes. */
static bool has_processes(const struct builder *builder, uint32_t run)
{
	return builder->n_processes > 0 &&
	       builder->processes[builder->n_processes - 1].process.run == run;
}

/* Whether the file's last run has only rows of the machine so far, which had no attribute run. */
static bool is_unnamed(const struct reader *reader, const struct report_run *run)
{
	return run->id->n == 0 && run->info->n == 0 && !run->has_end &&
	       !has_processes(&reader->builder, (uint32_t)(run - reader->builder.data->runs));
}

/* The run of a row is nearly always the last one of the file. */
int reader_find_run(struct reader *reader, const struct report_row *row, uint32_t *run)
{
	struct report_data *data = reader->builder.data;
	const struct report_text *id = reader_keep(reader, row_attribute(row, "run"));
	int err = 0;

	if (!id)
		return -ENOMEM;
	/*
	 * Rows of the machine have no attribute run, nor do any rows of a file with a single run.
	 */
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
	if (data->n_runs > reader->first_run && is_unnamed(reader, &data->runs[data->n_runs - 1])) {
		/*
		 * The machine's rows before this one had no attribute run: they belong to this run.
		 */
		data->runs[data->n_runs - 1].id = id;
	} else {
		err = builder_add_run(&reader->builder, reader->name, id);
	}
	*run = (uint32_t)data->n_runs - 1;
	return err;
}

static enum build_values read_values(const struct report_row *row)
{
	const struct report_bytes *values = row_attribute(row, "values");

	if (values && report_bytes_equal(*values, "cumulative"))
		return BUILD_VALUES_CUMULATIVE;
	if (values && report_bytes_equal(*values, "delta"))
		return BUILD_VALUES_DELTA;
	return BUILD_VALUES_UNKNOWN;
}

int read_run_info(struct reader *reader, const struct row_context *at)
{
	struct report_data *data = reader->builder.data;
	struct report_run *run = &data->runs[at->run];
	char *lines = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&lines, &n);

	if (!out)
		return -ENOMEM;
	run->is_watch |= row_attribute(at->row, "watched") != NULL;
	run->command = reader_keep(reader, row_attribute(at->row, "args"));
	reader->builder.runs[at->run].values = read_values(at->row);
	for (size_t i = 0; i < at->row->n_attributes; i++) {
		const struct report_attribute *attribute = &at->row->attributes[i];

		fwrite(attribute->key.at, 1, attribute->key.n, out);
		putc('=', out);
		/*
		 * A line break in a value, such as the command, must not begin another attribute.
		 */
		for (size_t c = 0; c < attribute->value.n; c++)
			putc(attribute->value.at[c] == '\n' ? ' ' : attribute->value.at[c], out);
		putc('\n', out);
	}
	if (fclose(out) != 0) {
		free(lines);
		return -ENOMEM;
	}
	run->info = report_texts_get(&data->texts, lines, n);
	free(lines);
	return run->info && run->command ? 0 : -ENOMEM;
}

/* Add a notice of the agent's: something was lost, or is for information. */
int read_run_note(struct reader *reader, const struct row_context *at)
{
	const struct report_bytes *text = row_attribute(at->row, "text");
	const struct report_bytes *kind = row_attribute(at->row, "kind");
	const bool is_loss = kind && report_bytes_equal(*kind, "loss");

	return text ? report_notice_add(reader->builder.data, at->run, is_loss, text->at, text->n)
	            : 0;
}

/* The run is complete with this row. */
int read_run_end(struct reader *reader, const struct row_context *at)
{
	struct report_run *run = &reader->builder.data->runs[at->run];
	const struct report_bytes *reason = row_attribute(at->row, "reason");
	const struct report_bytes *signal = row_attribute(at->row, "signal");

	run->has_end = true;
	run->detached = reason && report_bytes_equal(*reason, "detached");
	run->interrupted = reason && report_bytes_equal(*reason, "interrupted");
	run->killed = signal != NULL;
	run->signal = signal ? row_signal(signal, at->value) : 0;
	run->has_status = run->killed || !isnan(at->value);
	if (!run->killed && at->value > 0 && at->value < 256)
		run->exit_status = (uint8_t)at->value;
	run->wall_ns = row_u64(at->row, "wall-time");
	return 0;
}

/* ---- the machine ---- */

int read_energy(struct reader *reader, const struct row_context *at)
{
	const bool attributed = at->metric.role == METRIC_ATTRIBUTED_ENERGY;
	struct report_run *run = &reader->builder.data->runs[at->run];
	const struct report_bytes *part = row_attribute(at->row, "part");
	const struct report_energy key = {
		.run = at->run,
		.domain = reader_keep(reader, row_attribute(at->row, "domain")),
		.resource_kind = reader_keep(reader, &at->row->resource_kind),
		.resource_id = reader_keep(reader, &at->row->resource_id),
		.part = part ? reader_keep(reader, part) : NULL,
		.method = reader_keep(reader, row_attribute(at->row, "method")),
	};

	if (!key.method || !key.domain || !key.resource_kind || !key.resource_id ||
	    (part && !key.part))
		return -ENOMEM;
	/* Skip Alumet's sums over all packages, which would count everything twice. */
	if (strstr(key.domain->bytes, "_total") || (attributed && !part))
		return 0;
	if (at->time_ns > run->end_ns)
		run->end_ns = at->time_ns;
	return builder_add_energy(&reader->builder, &key, attributed, at->time_ns, at->value);
}
