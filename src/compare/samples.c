/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "compare/samples.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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

static void choose_quantities(struct samples *samples)
{
	const struct report_data *data = samples->data;
	const int energy = report_field_of(data, FIELD_ENERGY);

	samples->quantities[CPU] =
		(struct quantity){"cpu", "ns", report_field_of(data, FIELD_CPU_TIME), false};
	samples->quantities[WALL] = (struct quantity){"wall", "ns", -1, false};
	samples->quantities[ENERGY] =
		(struct quantity){"energy", "J", energy, energy < 0 && has_machine_energy(data)};
	samples->quantities[PROCESSES] = (struct quantity){"processes", "", -1, false};
	samples->n_quantities = FIRST_EVENT;
	for (size_t i = 0; i < data->n_fields && samples->n_quantities < QUANTITIES_MAX; i++) {
		const struct report_field *field = &data->fields[i];

		if ((field->kind == FIELD_EVENT && field->has_rows) ||
		    field->kind == FIELD_PEAK_RSS)
			samples->quantities[samples->n_quantities++] =
				(struct quantity){field->name, field->unit, (int)i, false};
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

/* The root is the first process of its run. Returns for each run its index, or NO_PROCESS; to be freed. */
static uint32_t *find_roots(const struct report_data *data)
{
	uint32_t *roots = malloc((data->n_runs + 1) * sizeof(*roots));

	for (size_t i = 0; roots && i < data->n_runs; i++)
		roots[i] = NO_PROCESS;
	for (size_t i = data->n_processes; roots && i > 0; i--)
		roots[data->processes[i - 1].run] = (uint32_t)i - 1;
	return roots;
}

static bool is_whole(const struct report_data *data, uint32_t root)
{
	return root != NO_PROCESS && !data->processes[root].signal && !data->processes[root].lives;
}

static int choose_runs(struct samples *samples, const uint32_t *roots, char *const *files,
                       size_t n_base_files)
{
	const struct report_data *data = samples->data;

	samples->runs = malloc((data->n_runs + 1) * sizeof(*samples->runs));
	if (!samples->runs)
		return -ENOMEM;
	for (int base = 1; base >= 0; base--) {
		for (size_t i = 0; i < data->n_runs; i++) {
			if (is_of_base(&data->runs[i], files, n_base_files) != base)
				continue;
			if (!is_whole(data, roots[i])) {
				samples->n_left_out++;
				continue;
			}
			samples->runs[samples->n_base + samples->n_changed] = (uint32_t)i;
			samples->n_base += (size_t)base;
			samples->n_changed += !base;
		}
	}
	return 0;
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

/* columns: of each run of the data, its place among those that are used, or NO_PROCESS. */
static void add_processes(struct samples *samples, const uint32_t *columns)
{
	const struct report_data *data = samples->data;

	for (size_t i = 0; i < data->n_processes; i++) {
		const uint32_t column = columns[data->processes[i].run];

		if (column == NO_PROCESS)
			continue;
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

/* Domains of a package are in the package's own; the platform is everything. */
static bool counts(const struct report_energy *energy)
{
	return !energy->part && (strcmp(energy->domain->bytes, "package") == 0 ||
	                         strcmp(energy->domain->bytes, "dram") == 0);
}

static void add_machine(struct samples *samples, const uint32_t *columns, const uint32_t *roots)
{
	const struct report_data *data = samples->data;

	for (size_t i = 0; samples->quantities[ENERGY].of_machine && i < data->n_energies; i++) {
		const uint32_t column = columns[data->energies[i].run];

		if (column != NO_PROCESS && counts(&data->energies[i]))
			add(&samples_row(samples, 0, ENERGY)[column], data->energies[i].joules,
			    false);
	}
	for (size_t i = 0; i < data->n_runs; i++) {
		if (columns[i] != NO_PROCESS)
			samples_row(samples, 0, WALL)[columns[i]] =
				value_of(samples, WALL, roots[i]);
	}
}

static int fill(struct samples *samples, const uint32_t *roots)
{
	const size_t n_runs = samples->n_base + samples->n_changed;
	uint32_t *columns = malloc((samples->data->n_runs + 1) * sizeof(*columns));
	size_t n;

	samples->n_lines = samples->fold.n + 1;
	n = samples->n_lines * samples->n_quantities * n_runs;
	samples->values = malloc((n + 1) * sizeof(*samples->values));
	if (!columns || !samples->values) {
		free(columns);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++)
		samples->values[i] = NAN;
	for (size_t i = 0; i < samples->data->n_runs; i++)
		columns[i] = NO_PROCESS;
	for (size_t i = 0; i < n_runs; i++)
		columns[samples->runs[i]] = (uint32_t)i;
	add_processes(samples, columns);
	add_machine(samples, columns, roots);
	/* A command that was not run has had no process; what else it cost is not known. */
	for (size_t line = 0; line < samples->n_lines; line++) {
		double *row = samples_row(samples, line, PROCESSES);

		for (size_t i = 0; i < n_runs; i++)
			row[i] = isnan(row[i]) ? 0 : row[i];
	}
	free(columns);
	return 0;
}

static double no_value(const struct report_data *data, size_t process, int field)
{
	return NAN;
}

int samples_make(struct samples *samples, struct report_data *data, char *const *files,
                 size_t n_base_files)
{
	uint32_t *roots = find_roots(data);
	int err = roots ? 0 : -ENOMEM;

	*samples = (struct samples){.data = data};
	choose_quantities(samples);
	if (!err)
		err = choose_runs(samples, roots, files, n_base_files);
	if (!err)
		err = fold_processes(data, no_value, -1, &samples->fold);
	if (!err)
		err = fill(samples, roots);
	free(roots);
	return err;
}

void samples_fini(struct samples *samples)
{
	fold_fini(&samples->fold);
	free(samples->runs);
	free(samples->values);
	*samples = (struct samples){.data = NULL};
}

/* Commands of a path that are shown: so many of its end, and its first. */
#define PATH_MAX_SHOWN 5

void samples_add_path(const struct samples *samples, size_t line, struct text *out)
{
	uint32_t path[PATH_MAX_SHOWN], node = (uint32_t)line - 1, first = node;
	size_t n = 0, depth = 0;

	if (line == 0) {
		text_add_string(out, "all");
		return;
	}
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
