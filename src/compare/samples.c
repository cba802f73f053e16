/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "compare/samples.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "compare/balance.h"
#include "report/names.h"
#include "report/number_math.h"

enum { CPU, WALL, ENERGY, PROCESSES, FIRST_EVENT };

/* ---- quantities ---- */

static bool has_machine_energy(const struct report_data *data)
{
	for (size_t i = 0; i < data->n_energies; i++) {
		if (!data->energies[i].part)
			return true;
	}
	return false;
}

/*
 * Whether a field is compared beside CPU time, energy and wall time: what -e named, be it an event
 * or a value that the kernel keeps, and the peak memory, which is always there.
 */
static bool is_quantity(const struct report_field *field)
{
	return field->kind == FIELD_PEAK_RSS ||
	       (field->has_rows && field->kind != FIELD_CPU_TIME && field->kind != FIELD_ENERGY);
}

static void choose_quantities(struct samples *samples)
{
	const struct report_data *data = samples->data;
	const int energy = report_field_of(data, FIELD_ENERGY);

	samples->quantities[CPU] =
		(struct sample_quantity){"cpu", "ns", report_field_of(data, FIELD_CPU_TIME), false};
	samples->quantities[WALL] = (struct sample_quantity){"wall", "ns", -1, false};
	samples->quantities[ENERGY] = (struct sample_quantity){
		"energy", "J", energy, energy < 0 && has_machine_energy(data)};
	samples->quantities[PROCESSES] = (struct sample_quantity){"processes", "", -1, false};
	samples->n_quantities = FIRST_EVENT;
	for (size_t i = 0; i < data->n_fields && samples->n_quantities < QUANTITIES_MAX; i++) {
		const struct report_field *field = &data->fields[i];

		if (is_quantity(field))
			samples->quantities[samples->n_quantities++] =
				(struct sample_quantity){field->name, field->unit, (int)i, false};
	}
}

/* ---- runs ---- */

static bool is_of_base(const struct report_run *run, char *const *files, size_t n_base_files)
{
	for (size_t i = 0; i < n_base_files; i++) {
		if (run->file == files[i])
			return true;
	}
	return false;
}

/*
 * Returns the index of each run's root, its first process, or NO_PROCESS. The caller frees it.
 * NULL: no memory.
 */
static uint32_t *find_roots(const struct report_data *data)
{
	uint32_t *roots = calloc(data->n_runs + 1, sizeof(*roots));

	for (size_t i = 0; roots && i < data->n_runs; i++)
		roots[i] = NO_PROCESS;
	for (size_t i = data->n_processes; roots && i > 0; i--)
		roots[data->processes[i - 1].run] = (uint32_t)i - 1;
	return roots;
}

/* root may be NO_PROCESS: some runs are of the machine's energy only. */
static bool is_whole(const struct report_data *data, uint32_t index, uint32_t root)
{
	const struct report_run *run = &data->runs[index];

	if (run->killed || run->lacks_end || run->interrupted || (run->detached && !run->is_watch))
		return false;
	if (root == NO_PROCESS)
		return run->has_end;
	/* What is watched usually lives on. */
	return run->is_watch || (!data->processes[root].signal && !data->processes[root].lives);
}

/* Runs that count as one: those of a job's ranks and nodes, all on the same side. */
struct column {
	uint32_t job, run; /* run: the first of them; the only one if job is NO_JOB */
	bool is_base, is_left_out;
};

/* Find the column of a run, or add one. */
static size_t find_column(const struct samples *samples, struct column *columns, size_t *n,
                          uint32_t run, bool is_base)
{
	const uint32_t job = samples->jobs.of_run[run];
	size_t at = 0;

	while (at < *n &&
	       (job == NO_JOB || columns[at].job != job || columns[at].is_base != is_base))
		at++;
	if (at == *n)
		columns[(*n)++] = (struct column){.job = job, .run = run, .is_base = is_base};
	return at;
}

/* Columns of base come first; those with an incomplete run get no place. place: by column. */
static void place_columns(struct samples *samples, const struct column *columns, size_t n,
                          uint32_t *place)
{
	for (int base = 1; base >= 0; base--) {
		for (size_t i = 0; i < n; i++) {
			const size_t next = samples->n_base + samples->n_changed;

			if (columns[i].is_base != base)
				continue;
			place[i] = columns[i].is_left_out ? NO_PROCESS : (uint32_t)next;
			if (columns[i].is_left_out) {
				samples->n_left_out++;
				continue;
			}
			samples->runs[next] = columns[i].run;
			samples->n_base += (size_t)base;
			samples->n_changed += !base;
		}
	}
}

/* Find the failed run of each column; of a job, the first. Returns 0 or -ENOMEM. */
static int find_failed(struct samples *samples, const uint32_t *roots)
{
	const struct report_data *data = samples->data;

	samples->failed = calloc(data->n_runs + 1, sizeof(*samples->failed));
	if (!samples->failed)
		return -ENOMEM;
	for (size_t i = 0; i < data->n_runs; i++)
		samples->failed[i] = NO_PROCESS;
	for (uint32_t i = (uint32_t)data->n_runs; i > 0; i--) {
		const uint32_t column = samples->columns[i - 1], root = roots[i - 1];

		if (column != NO_PROCESS && (data->runs[i - 1].exit_status ||
		                             (root != NO_PROCESS && !data->runs[i - 1].is_watch &&
		                              data->processes[root].exit_status)))
			samples->failed[column] = i - 1;
	}
	return 0;
}

static int choose_runs(struct samples *samples, const uint32_t *roots, size_t first_run,
                       char *const *files, size_t n_base_files)
{
	const struct report_data *data = samples->data;
	struct column *columns = calloc(data->n_runs + 1, sizeof(*columns));
	uint32_t *place = calloc(data->n_runs + 1, sizeof(*place));
	size_t n = 0;

	samples->runs = calloc(data->n_runs + 1, sizeof(*samples->runs));
	samples->columns = calloc(data->n_runs + 1, sizeof(*samples->columns));
	if (!columns || !place || !samples->runs || !samples->columns) {
		free(columns);
		free(place);
		return -ENOMEM;
	}
	for (uint32_t i = (uint32_t)first_run; i < data->n_runs; i++) {
		const bool is_base = is_of_base(&data->runs[i], files, n_base_files);
		const size_t at = find_column(samples, columns, &n, i, is_base);

		samples->columns[i] = (uint32_t)at;
		columns[at].is_left_out |= !is_whole(data, i, roots[i]);
	}
	place_columns(samples, columns, n, place);
	for (size_t i = 0; i < data->n_runs; i++)
		samples->columns[i] = i < first_run ? NO_PROCESS : place[samples->columns[i]];
	free(columns);
	free(place);
	return find_failed(samples, roots);
}

/* ---- values ---- */

static void add(double *to, double value, bool is_max)
{
	if (isnan(value))
		return;
	if (isnan(*to))
		*to = value;
	else
		*to = is_max ? larger(*to, value) : *to + value;
}

static double value_of(const struct samples *samples, size_t quantity, size_t i)
{
	const struct report_process *process = &samples->data->processes[i];

	if (quantity == WALL)
		return (double)(process->end_ns - process->begin_ns);
	if (quantity == PROCESSES)
		return 1;
	return report_value(samples->data, i, samples->quantities[quantity].field);
}

/* Add the possible errors of a process's estimates to its line and to the whole run. */
static void add_estimates(struct samples *samples, size_t i, uint32_t column)
{
	for (size_t q = FIRST_EVENT; q < samples->n_quantities; q++) {
		const int field = samples->quantities[q].field;
		const double part = report_estimated(samples->data, i, field);
		const size_t lines[] = {0, 1 + samples->fold.of_process[i]};

		for (size_t l = 0; l < sizeof(lines) / sizeof(lines[0]); l++) {
			const double *sum = &samples_row(samples, lines[l], q)[column];
			double *estimated = &samples->estimated[sum - samples->values];

			if (field < 0 || !samples->data->fields[field].is_max)
				*estimated += part;
			else if (isnan(*sum) || report_value(samples->data, i, field) > *sum)
				*estimated = part; /* it is the largest so far */
		}
	}
}

static void add_processes(struct samples *samples)
{
	const struct report_data *data = samples->data;

	for (size_t i = 0; i < data->n_processes; i++) {
		const uint32_t column = samples->columns[data->processes[i].run];

		if (column == NO_PROCESS)
			continue;
		if (samples->estimated)
			add_estimates(samples, i, column);
		for (size_t q = 0; q < samples->n_quantities; q++) {
			const int field = samples->quantities[q].field;
			const bool is_max = field >= 0 && data->fields[field].is_max;
			const double value = value_of(samples, q, i);

			add(&samples_row(samples, 1 + samples->fold.of_process[i], q)[column],
			    value, is_max);
			if (q != WALL)
				add(&samples_row(samples, 0, q)[column], value, is_max);
		}
	}
}

/* Within a job, the energy of a node counts once. */
static void add_machine(struct samples *samples)
{
	const struct report_data *data = samples->data;

	for (size_t i = 0; samples->quantities[ENERGY].of_machine && i < data->n_energies; i++) {
		const struct report_energy *energy = &data->energies[i];
		const uint32_t column = samples->columns[energy->run];

		if (column != NO_PROCESS && !energy->part && report_energy_is_summed(energy) &&
		    report_jobs_energy_counts(&samples->jobs, energy->run))
			add(&samples_row(samples, 0, ENERGY)[column], energy->joules, false);
	}
}

/* As in the summary of a run; of a job, from the first start to the last end. */
static int add_walls(struct samples *samples, const uint32_t *roots)
{
	const struct report_data *data = samples->data;
	double *begin = calloc(samples->n_base + samples->n_changed + 1, sizeof(*begin));
	double *wall = samples_row(samples, 0, WALL);

	if (!begin)
		return -ENOMEM;
	for (size_t pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < data->n_runs; i++) {
			const uint32_t column = samples->columns[i];
			double start;

			if (column == NO_PROCESS)
				continue;
			start = 1 + (double)(roots[i] == NO_PROCESS
			                             ? data->runs[i].begin_ns
			                             : data->processes[roots[i]].begin_ns);
			if (pass == 0)
				begin[column] =
					begin[column] > 0 ? smaller(begin[column], start) : start;
			else
				add(&wall[column],
				    start - begin[column] +
				            (double)report_wall_ns(data, (uint32_t)i),
				    true);
		}
	}
	free(begin);
	return 0;
}

static int fill(struct samples *samples, const uint32_t *roots)
{
	const size_t n_runs = samples->n_base + samples->n_changed;
	size_t n;
	int err;

	samples->n_lines = samples->fold.n + 1;
	n = samples->n_lines * samples->n_quantities * n_runs;
	samples->values = calloc(n + 1, sizeof(*samples->values));
	if (samples->data->estimated)
		samples->estimated = calloc(n + 1, sizeof(*samples->estimated));
	if (!samples->values || (samples->data->estimated && !samples->estimated))
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		samples->values[i] = NAN;
	add_processes(samples);
	add_machine(samples);
	err = add_walls(samples, roots);
	/* A command that did not run has 0 processes; its other values are unknown. */
	for (size_t line = 0; line < samples->n_lines; line++) {
		double *row = samples_row(samples, line, PROCESSES);

		for (size_t i = 0; i < n_runs; i++)
			row[i] = isnan(row[i]) ? 0 : row[i];
	}
	return err;
}

static double no_value(const struct report_data *data, size_t process, int field)
{
	return NAN;
}

int samples_make(struct samples *samples, struct report_data *data, size_t first_run,
                 char *const *files, size_t n_base_files)
{
	uint32_t *roots = find_roots(data);
	int err = roots ? 0 : -ENOMEM;

	*samples = (struct samples){.data = data};
	choose_quantities(samples);
	if (report_jobs_make(data, &samples->jobs))
		err = -ENOMEM;
	if (!err)
		err = choose_runs(samples, roots, first_run, files, n_base_files);
	if (!err)
		err = fold_processes(data, no_value, -1, &samples->fold);
	if (!err)
		err = fill(samples, roots);
	if (!err)
		err = balance_make(samples);
	free(roots);
	return err;
}

void samples_fini(struct samples *samples)
{
	fold_fini(&samples->fold);
	report_jobs_fini(&samples->jobs);
	free(samples->runs);
	free(samples->columns);
	free(samples->failed);
	free(samples->values);
	free(samples->estimated);
	free(samples->balances);
	*samples = (struct samples){.data = NULL};
}

/* Commands shown of a path: its first, and this many at its end. */
#define PATH_MAX_SHOWN 5

void samples_add_path(const struct samples *samples, size_t line, struct text *out)
{
	uint32_t path[PATH_MAX_SHOWN] = {0};
	uint32_t node = line > 0 ? (uint32_t)line - 1 : NO_PROCESS, first = node;
	size_t n = 0, depth = 0;

	if (line == 0)
		text_add_string(out, "all");
	for (; node != NO_PROCESS; node = samples->fold.nodes[node].parent) {
		first = node;
		if (depth++ < PATH_MAX_SHOWN)
			path[n++] = node;
	}
	if (depth > n) {
		report_add_visible(out, samples->fold.nodes[first].label->bytes,
		                   samples->fold.nodes[first].label->n);
		text_add_string(out, depth > n + 1 ? " > … > " : " > ");
	}
	while (n > 0) {
		const struct report_text *label = samples->fold.nodes[path[--n]].label;

		report_add_visible(out, label->bytes, label->n);
		if (n > 0)
			text_add_string(out, " > ");
	}
}
