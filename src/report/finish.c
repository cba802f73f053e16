/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The last steps after reading: sort the processes, lay out the time axis, and compute the values
 * of whole lives.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/builder.h"
#include "report/finish_lives.h"

/* ---- order ---- */

struct order {
	uint64_t begin_ns;
	uint32_t run, index; /* index: in the order in which they were read */
};

static int compare_order(const void *a, const void *b)
{
	const struct order *x = a, *y = b;

	if (x->run != y->run)
		return x->run < y->run ? -1 : 1;
	if (x->begin_ns != y->begin_ns)
		return x->begin_ns < y->begin_ns ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

/*
 * Sort the processes by run and begin. Returns an array, which the caller frees: the new index of
 * each process, by its index in the order of reading. NULL: no memory.
 */
static uint32_t *sort_processes(struct builder *builder)
{
	const size_t n = builder->n_processes;
	struct order *order = malloc((n + 1) * sizeof(*order));
	uint32_t *place = malloc((n + 1) * sizeof(*place));

	if (!order || !place) {
		free(order);
		free(place);
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		const struct report_process *process = &builder->processes[i].process;

		order[i] = (struct order){process->begin_ns, process->run, (uint32_t)i};
	}
	qsort(order, n, sizeof(*order), compare_order);
	for (size_t i = 0; i < n; i++)
		place[order[i].index] = (uint32_t)i;
	free(order);
	return place;
}

/* ---- the time axis ---- */

static int compare_runs(const void *a, const void *b, void *data)
{
	const struct report_run *runs = data;
	const uint64_t x = runs[*(const uint32_t *)a].start_ns;
	const uint64_t y = runs[*(const uint32_t *)b].start_ns;

	return x < y ? -1 : x > y;
}

/*
 * Overlapping runs keep their distance; gaps between runs are left out. Measuring energy begins
 * just before the command starts, so it may widen a run, but never shortens it.
 */
static int lay_out_axis(struct report_data *data)
{
	uint32_t *order = malloc((data->n_runs + 1) * sizeof(*order));
	uint64_t end = 0, shift = 0;

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < data->n_runs; i++)
		order[i] = (uint32_t)i;
	if (data->n_runs > 0)
		qsort_r(order, data->n_runs, sizeof(*order), compare_runs, data->runs);
	for (size_t i = 0; i < data->n_runs; i++) {
		struct report_run *run = &data->runs[order[i]];
		const uint64_t length = run->end_ns - run->start_ns;

		if (i == 0 || run->start_ns - shift > end)
			shift = run->start_ns - end;
		run->begin_ns = run->start_ns - shift;
		run->end_ns = run->begin_ns + length;
		end = run->end_ns > end ? run->end_ns : end;
	}
	data->end_ns = end;
	free(order);
	return 0;
}

static uint64_t on_axis(const struct report_run *run, uint64_t time_ns)
{
	return time_ns < run->start_ns ? run->begin_ns : time_ns - run->start_ns + run->begin_ns;
}

/* ---- values ---- */

static double whole_value(const struct builder *builder, uint32_t run,
                          const struct build_cell *cell)
{
	const struct report_field *field = &builder->data->fields[cell->field];

	if (cell->is_final)
		return cell->last;
	return field->is_difference || builder_is_delta(builder, run, cell->field) ? cell->sum
	                                                                           : cell->last;
}

/* By how much the value may be wrong. */
static double estimated_value(const struct builder *builder, uint32_t run,
                              const struct build_cell *cell)
{
	return !cell->is_final && builder_is_delta(builder, run, cell->field)
	               ? cell->estimated_sum
	               : cell->last_estimated;
}

static void take_estimates(const struct builder *builder, const struct build_process *build,
                           double *estimated)
{
	for (const struct build_cell *cell = build->cells; cell; cell = cell->next)
		estimated[cell->field] += estimated_value(builder, build->process.run, cell);
}

static void take_values(const struct builder *builder, const struct build_process *build,
                        double *values)
{
	const struct report_data *data = builder->data;

	for (size_t i = 0; i < data->n_fields; i++)
		values[i] = NAN;
	for (const struct build_cell *cell = build->cells; cell; cell = cell->next) {
		const double value = whole_value(builder, build->process.run, cell);

		if (isnan(values[cell->field]) ||
		    (data->fields[cell->field].is_max && values[cell->field] < value))
			values[cell->field] = value;
		else if (!data->fields[cell->field].is_max)
			values[cell->field] += value;
	}
	/* process_exit has the value of the whole life, which overrides the sum of other rows. */
	for (const struct build_cell *cell = build->cells; cell; cell = cell->next) {
		if (cell->is_final)
			values[cell->field] = cell->last;
	}
}

static int move_processes(struct builder *builder, const uint32_t *place)
{
	struct report_data *data = builder->data;
	const size_t n = builder->n_processes;

	data->processes = calloc(n + 1, sizeof(*data->processes));
	data->values = calloc(n * data->n_fields + 1, sizeof(*data->values));
	if (builder->has_estimates)
		data->estimated = calloc(n * data->n_fields + 1, sizeof(*data->estimated));
	if (!data->processes || !data->values || (builder->has_estimates && !data->estimated))
		return -ENOMEM;
	data->n_processes = n;
	for (size_t i = 0; i < n; i++) {
		const struct build_process *build = &builder->processes[i];
		struct report_process *process = &data->processes[place[i]];
		const struct report_run *run = &data->runs[build->process.run];
		uint32_t parent = finish_parent(builder, build);

		*process = build->process;
		process->begin_ns = on_axis(run, process->begin_ns);
		process->end_ns = on_axis(run, process->end_ns);
		/* A process that began later cannot be the parent. This also rules out cycles. */
		if (parent != NO_PROCESS && place[parent] < place[i])
			process->parent = place[parent];
		take_values(builder, build, data->values + place[i] * data->n_fields);
		if (data->estimated)
			take_estimates(builder, build,
			               data->estimated + place[i] * data->n_fields);
	}
	return 0;
}

/* ---- CPU time ---- */

static bool is_named(const struct report_field *field, const char *name)
{
	return field->kind == FIELD_EVENT && strcmp(field->name, name) == 0;
}

/* The field of one of perf's clocks, which nearly equal the kernel's CPU time; -1: none. */
static int find_clock(const struct report_data *data)
{
	static const char *const clocks[] = {"task-clock", "cpu-clock"};

	for (size_t c = 0; c < sizeof(clocks) / sizeof(clocks[0]); c++) {
		for (size_t i = 0; i < data->n_fields; i++) {
			if (is_named(&data->fields[i], clocks[c]))
				return (int)i;
		}
	}
	return -1;
}

/*
 * Use a clock where the kernel's own CPU time is missing: in some files, and in older files for
 * processes that outlived their run.
 */
static void choose_cpu_time(struct report_data *data)
{
	const int cpu = report_field_of(data, FIELD_CPU_TIME), clock = find_clock(data);

	if (clock >= 0 && cpu < 0)
		data->fields[clock].kind = FIELD_CPU_TIME;
	for (size_t i = 0; clock >= 0 && cpu >= 0 && i < data->n_processes; i++) {
		double *values = data->values + i * data->n_fields;

		if (isnan(values[cpu]))
			values[cpu] = values[clock];
	}
}

static int compare_slices(const void *a, const void *b)
{
	const struct report_slice *x = a, *y = b;

	if (x->process != y->process)
		return x->process < y->process ? -1 : 1;
	return x->end_ns < y->end_ns ? -1 : x->end_ns > y->end_ns;
}

/* The CPU time used in an interval, from the values of its row and of the previous row. */
static double used_since(double value, double before, bool is_delta)
{
	if (is_delta)
		return value;
	return value > before ? value - before : 0;
}

/*
 * Convert the values of rows into the CPU time used in each interval. Processes with a single
 * interval need no slices.
 */
static void settle_slices(struct builder *builder, const uint32_t *place)
{
	struct report_data *data = builder->data;
	const int field = report_field_of(data, FIELD_CPU_TIME);
	size_t kept = 0;

	for (size_t i = 0; i < data->n_slices; i++)
		data->slices[i].process = place[data->slices[i].process];
	if (data->n_slices > 0)
		qsort(data->slices, data->n_slices, sizeof(*data->slices), compare_slices);
	for (size_t i = 0, next; i < data->n_slices; i = next) {
		const struct report_process *process = &data->processes[data->slices[i].process];
		const struct report_run *run = &data->runs[process->run];
		const bool is_delta =
			field >= 0 && builder_is_delta(builder, process->run, (uint32_t)field);
		uint64_t begin = process->begin_ns;
		double before = 0;

		for (next = i;
		     next < data->n_slices && data->slices[next].process == data->slices[i].process;
		     next++)
			;
		if (next == i + 1)
			continue;
		for (size_t j = i; j < next; j++) {
			struct report_slice slice = data->slices[j];
			const double value = slice.cpu_ns;

			slice.cpu_ns = used_since(value, before, is_delta);
			before = value;
			slice.begin_ns = begin;
			slice.end_ns = on_axis(run, slice.end_ns);
			if (slice.end_ns <= begin)
				continue;
			begin = slice.end_ns;
			data->slices[kept++] = slice;
		}
	}
	data->n_slices = kept;
}

/* Sort the energies by run. Returns 0 or -ENOMEM. */
static int sort_energies(struct report_data *data)
{
	struct report_energy *sorted = calloc(data->n_energies + 1, sizeof(*sorted));
	size_t n = 0;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < data->n_energies; i++)
		data->runs[data->energies[i].run].n_energies++;
	for (size_t i = 0; i < data->n_runs; i++) {
		data->runs[i].first_energy = n;
		n += data->runs[i].n_energies;
		data->runs[i].n_energies = 0;
	}
	for (size_t i = 0; i < data->n_energies; i++) {
		struct report_run *run = &data->runs[data->energies[i].run];

		sorted[run->first_energy + run->n_energies++] = data->energies[i];
	}
	free(data->energies);
	data->energies = sorted;
	return 0;
}

static int settle_energies(struct report_data *data)
{
	for (size_t i = 0; i < data->n_energies; i++) {
		struct report_energy *energy = &data->energies[i];

		for (size_t j = 0; j < energy->n_samples; j++)
			energy->samples[j].time_ns =
				on_axis(&data->runs[energy->run], energy->samples[j].time_ns);
	}
	return sort_energies(data);
}

/* place: see sort_processes(). */
static int settle_profile(struct report_data *data, const uint32_t *place)
{
	int err;

	for (size_t i = 0; i < data->n_samples; i++) {
		struct report_count *samples = &data->samples[i];

		samples->process = place[samples->process];
		samples->time_ns = on_axis(&data->runs[data->processes[samples->process].run],
		                           samples->time_ns);
	}
	err = report_profile_settle(data);
	for (size_t i = 0; i < data->n_counts && !err; i++) {
		struct report_run *run = &data->runs[data->processes[data->counts[i].process].run];

		if (run->n_counts++ == 0)
			run->first_count = i;
	}
	return err;
}

int builder_finish(struct builder *builder)
{
	struct report_data *data = builder->data;
	uint32_t *place;
	int err;

	finish_lives(builder);
	err = lay_out_axis(data);
	if (err)
		return err;
	place = sort_processes(builder);
	if (!place)
		return -ENOMEM;
	err = move_processes(builder, place);
	if (!err) {
		choose_cpu_time(data);
		settle_slices(builder, place);
		err = settle_energies(data);
	}
	if (!err)
		err = settle_profile(data, place);
	free(place);
	return err;
}
