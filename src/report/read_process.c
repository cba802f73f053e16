/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rows of processes. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "report/read_parts.h"

/*
 * If rows have no attribute life, a different parent means a new process: exec does not change the
 * parent.
 */
static struct build_process *process_of_info(struct reader *reader, const struct row_context *at,
                                             uint32_t parent_pid)
{
	struct builder *builder = &reader->builder;
	const uint32_t number = row_u32(at->row, "life");
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

void read_see(struct build_process *process, uint64_t time_ns)
{
	if (time_ns < process->first_ns)
		process->first_ns = time_ns;
	if (time_ns > process->last_ns)
		process->last_ns = time_ns;
}

static int take_texts(struct reader *reader, struct report_process *process,
                      const struct report_row *row)
{
	static const char *const keys[] = {"comm", "exe", "args", "rank"};
	const struct report_text **const places[] = {&process->comm, &process->exe, &process->args,
	                                             &process->rank};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const struct report_bytes *bytes = row_attribute(row, keys[i]);

		if (bytes)
			*places[i] = reader_keep(reader, bytes);
		if (!*places[i])
			return -ENOMEM;
	}
	return 0;
}

/* The row says whether the process was adopted: it was running before it was watched. */
static void take_adoption(struct reader *reader, struct build_process *build,
                          const struct report_row *row)
{
	const struct report_bytes *created = row_attribute(row, "created");

	if (!row_attribute(row, "adopted"))
		return;
	reader->builder.data->runs[build->process.run].is_watch = true;
	build->process.is_adopted = true;
	if (!created ||
	    rfc3339_parse(&reader->times, created->at, created->n, &build->created_ns))
		build->created_ns = 0;
}

int read_process_info(struct reader *reader, const struct row_context *at)
{
	const uint32_t parent_pid = row_u32(at->row, "ppid");
	const size_t dropped = reader->builder.dropped;
	struct build_process *build = process_of_info(reader, at, parent_pid);
	struct report_run *run = &reader->builder.data->runs[at->run];
	int err;

	if (!build)
		return reader->builder.dropped > dropped ? 0 : -ENOMEM;
	read_see(build, at->time_ns);
	if (!build->process.parent_pid && parent_pid) {
		build->process.parent_pid = parent_pid;
		build->first_parent = builder_current(&reader->builder, at->run, parent_pid);
	}
	take_adoption(reader, build, at->row);
	err = take_texts(reader, &build->process, at->row);
	if (!err && run->command->n == 0)
		run->command = build->process.args;
	return err;
}

static double peak_estimated(const struct report_row *row)
{
	const struct report_bytes *text = row_attribute(row, "peak-rss-estimated");
	double estimated;

	return text && cell_number(*text, &estimated) && estimated >= 0 ? estimated : 0;
}

static int take_exit_attributes(struct reader *reader, struct build_process *build,
                                const struct row_context *at)
{
	for (size_t i = 0; i < at->row->n_attributes; i++) {
		const struct report_attribute *attribute = &at->row->attributes[i];
		const enum field_kind kind =
			field_of_exit_attribute(attribute->key.at, attribute->key.n);
		double value, estimated = 0;
		int err;

		if (kind == FIELD_EVENT || !cell_number(attribute->value, &value))
			continue;
		if (kind == FIELD_PEAK_RSS)
			estimated = peak_estimated(at->row);
		err = builder_set_final(&reader->builder, build, kind, at->time_ns, value,
		                        estimated);
		if (err)
			return err;
	}
	return 0;
}

/* Take what a process's last row has, process_exit or process_alive. */
static int take_life(struct reader *reader, struct build_process *build,
                     const struct row_context *at)
{
	const struct report_bytes *start = row_attribute(at->row, "start");
	struct report_process *process = &build->process;
	uint64_t begin_ns;

	if (start && !rfc3339_parse(&reader->times, start->at, start->n, &begin_ns) &&
	    begin_ns <= at->time_ns) {
		read_see(build, begin_ns);
		process->begin_ns = begin_ns;
	}
	read_see(build, at->time_ns);
	process->threads = row_u32(at->row, "threads");
	process->execs = row_u32(at->row, "execs");
	process->knows_execs = true;
	/* The run has such rows, so a process without one has not ended. */
	reader->builder.data->runs[at->run].has_exits = true;
	if (take_texts(reader, process, at->row))
		return -ENOMEM;
	return take_exit_attributes(reader, build, at);
}

int read_process_alive(struct reader *reader, const struct row_context *at)
{
	const size_t dropped = reader->builder.dropped;
	struct build_process *build =
		builder_process(&reader->builder, at->run, at->pid, row_u32(at->row, "life"));

	if (!build)
		return reader->builder.dropped > dropped ? 0 : -ENOMEM;
	build->has_alive = true;
	return take_life(reader, build, at);
}

int read_process_exit(struct reader *reader, const struct row_context *at)
{
	const size_t dropped = reader->builder.dropped;
	struct build_process *build =
		builder_process(&reader->builder, at->run, at->pid, row_u32(at->row, "life"));
	const struct report_bytes *signal = row_attribute(at->row, "signal");
	struct report_process *process;

	if (!build)
		return reader->builder.dropped > dropped ? 0 : -ENOMEM;
	process = &build->process;
	process->has_end = true;
	process->end_ns = at->time_ns;
	if (signal)
		process->signal = row_signal(signal, at->value);
	process->status_hidden = !process->signal && isnan(at->value);
	if (!process->signal)
		process->exit_status = at->value >= 0 && at->value < 256 ? (uint8_t)at->value : 0;
	process->core = row_attribute(at->row, "core") != NULL;
	process->oom_killed = row_attribute(at->row, "oom") != NULL;
	return take_life(reader, build, at);
}

/* The domain of which the row has a share of a process; NULL: it is of no energy counter. */
static const struct report_bytes *domain_of(const struct row_context *at)
{
	static const char *const domains[] = {"package", "dram", "pp0", "pp1", "platform"};
	const struct report_bytes *domain = row_attribute(at->row, "domain");

	if (!domain || at->metric.role == METRIC_ATTRIBUTED_ENERGY)
		return domain;
	for (size_t i = 0; i < sizeof(domains) / sizeof(domains[0]); i++) {
		if (report_bytes_equal(*domain, domains[i]))
			return domain;
	}
	return NULL;
}

int read_value(struct reader *reader, const struct row_context *at)
{
	const size_t dropped = reader->builder.dropped;
	struct build_process *build =
		builder_process(&reader->builder, at->run, at->pid, row_u32(at->row, "life"));
	const struct report_bytes *domain = domain_of(at);
	const struct report_text *variant =
		reader_keep(reader, domain ? domain : row_attribute(at->row, "pmu"));
	const struct report_bytes *estimated = row_attribute(at->row, "estimated");

	if (!build)
		return reader->builder.dropped > dropped ? 0 : -ENOMEM;
	if (!variant)
		return -ENOMEM;
	read_see(build, at->time_ns);
	/*
	 * The energy of a package includes that of its other domains, and the platform's includes
	 * all.
	 */
	if (domain && variant->n > 0 && strcmp(variant->bytes, "package") != 0 &&
	    strcmp(variant->bytes, "dram") != 0)
		return 0;
	if (domain && at->metric.field < reader->builder.data->n_fields)
		reader->builder.data->fields[at->metric.field].is_difference = true;
	struct build_value value = {
		.field = at->metric.field,
		.variant = variant,
		.time_ns = at->time_ns,
		.value = at->value,
		.is_rough = estimated || row_attribute(at->row, "scaled"),
	};

	if (estimated && (!cell_number(*estimated, &value.estimated) || !(value.estimated >= 0)))
		value.estimated = 0;
	return builder_add_value(&reader->builder, build, &value);
}
