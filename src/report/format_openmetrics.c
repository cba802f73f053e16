/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * OpenMetrics text: sums over the run and over each of its commands, but not single processes: a
 * metrics store would keep a time series for each of them. GitLab reads the file as
 * `artifacts:reports:metrics`. https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "core/log.h"
#include "core/number.h"
#include "core/text.h"
#include "report/formats.h"
#include "report/jobs.h"
#include "report/names.h"
#include "report/series.h"
#include "report/totals.h"
#include "report/number_math.h"

/* At most this many commands, the costliest, have their own values; the rest is one sum. */
#define COMMANDS_MAX 100
#define OTHERS "(others)"

struct metrics {
	const struct report_data *data;
	const struct report_totals *totals;
	struct text out;
};

static void add(struct metrics *m, const char *text)
{
	text_add_string(&m->out, text);
}

static void add_number(struct metrics *m, double value)
{
	char digits[NUMBER_F64_SIZE];

	text_add(&m->out, digits, number_format_f64(value, digits));
	text_add_char(&m->out, '\n');
}

/* Add a label: escape '\' and '"'. Its value has been made visible, so it has no line breaks. */
static void add_label(struct metrics *m, const char *key, const char *bytes, size_t n)
{
	struct text visible = {.n = 0};

	report_add_visible(&visible, bytes, n);
	add(m, key);
	add(m, "=\"");
	for (size_t i = 0; i < visible.n; i++) {
		if (visible.data[i] == '"' || visible.data[i] == '\\')
			text_add_char(&m->out, '\\');
		text_add_char(&m->out, visible.data[i]);
	}
	text_add_char(&m->out, '"');
	m->out.failed = m->out.failed || visible.failed;
	text_fini(&visible);
}

static void add_family(struct metrics *m, const char *name, const char *type, const char *unit,
                       const char *help)
{
	const char *const lines[] = {"# TYPE ", name, " ", type, "\n"};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		add(m, lines[i]);
	if (unit) {
		add(m, "# UNIT ");
		add(m, name);
		add(m, " ");
		add(m, unit);
		add(m, "\n");
	}
	add(m, "# HELP ");
	add(m, name);
	add(m, " ");
	add(m, help);
	add(m, "\n");
}

/* A number of a command: the index of a field, or one of these. */
enum { OF_WALL = -1, OF_PROCESSES = -2, OF_FAILED = -3 };

static double number_of(const struct report_command *command, int field)
{
	switch (field) {
	case OF_PROCESSES:
		return (double)command->processes;
	case OF_FAILED:
		return (double)command->failed;
	case OF_WALL:
		return command->wall_ns;
	default:
		return command->values[field];
	}
}

/* The samples of a family, one for each command. */
static void add_commands(struct metrics *m, const char *name, int field, double scale)
{
	const bool is_max = field >= 0 && m->data->fields[field].is_max;
	double others = NAN;

	for (size_t i = 0; i < m->totals->n; i++) {
		const struct report_command *command = &m->totals->commands[i];
		const double value = number_of(command, field);

		if (isnan(value))
			continue;
		if (i >= COMMANDS_MAX) {
			others = isnan(others) ? value
			         : is_max      ? larger(others, value)
			                       : others + value;
			continue;
		}
		add(m, name);
		text_add_char(&m->out, '{');
		add_label(m, "command", command->label->bytes, command->label->n);
		add(m, "} ");
		add_number(m, value * scale);
	}
	if (!isnan(others)) {
		add(m, name);
		add(m, "{command=\"" OTHERS "\"} ");
		add_number(m, others * scale);
	}
}

/* The name of a field's metric family: only letters, digits and '_', in the base unit. */
static void add_field(struct metrics *m, size_t field)
{
	const struct report_field *f = &m->data->fields[field];
	const char *unit = strcmp(f->unit, "ns") == 0  ? "seconds"
	                   : strcmp(f->unit, "B") == 0 ? "bytes"
	                   : strcmp(f->unit, "J") == 0 ? "joules"
	                                               : NULL;
	char name[160], sample[176];
	size_t n = (size_t)snprintf(name, sizeof(name) - 16, "alumet_process_%s", f->name);

	n = n < sizeof(name) - 16 ? n : sizeof(name) - 17;
	for (size_t i = 0; i < n; i++) {
		const char c = name[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')))
			name[i] = '_';
	}
	if (unit)
		snprintf(name + n, sizeof(name) - n, "_%s", unit);
	snprintf(sample, sizeof(sample), "%s%s", name, f->is_max ? "" : "_total");
	add_family(m, name, f->is_max ? "gauge" : "counter", unit,
	           f->is_max ? "The largest of the processes of a command."
	                     : "Added up over the processes of a command.");
	add_commands(m, sample, (int)field, strcmp(f->unit, "ns") == 0 ? 1e-9 : 1);
}

/*
 * These samples can be summed: a node measured by several ranks of a job is written once.
 */
static void add_energies(struct metrics *m, const struct report_jobs *jobs)
{
	const struct report_data *data = m->data;
	bool has_any = false;

	for (size_t i = 0; i < data->n_energies; i++) {
		const struct report_energy *energy = &data->energies[i];
		char run[24];

		if (!report_jobs_energy_counts(jobs, energy->run))
			continue;
		if (!has_any)
			add_family(m, "alumet_energy_joules", "counter", "joules",
			           "Energy of a domain of the machine, or a part of it.");
		has_any = true;
		add(m, "alumet_energy_joules_total{");
		add_label(m, "domain", energy->domain->bytes, energy->domain->n);
		add(m, ",");
		add_label(m, "id", energy->resource_id->bytes, energy->resource_id->n);
		add(m, ",");
		add_label(m, "part", energy->part ? energy->part->bytes : "all",
		          energy->part ? energy->part->n : 3);
		snprintf(run, sizeof(run), "%u", energy->run);
		add(m, ",");
		add_label(m, "run", run, strlen(run));
		add(m, "} ");
		add_number(m, energy->joules);
	}
}

/* There is no place for the messages themselves: their number, and that of cut runs. */
static void add_incomplete(struct metrics *m)
{
	size_t cut = 0, missing = 0;
	bool is_loss;

	for (size_t i = 0; i < m->data->n_runs; i++)
		cut += m->data->runs[i].lacks_end;
	for (size_t i = 0; report_message(m->data, i, &is_loss); i++)
		missing += is_loss;
	add_family(m, "alumet_incomplete_runs", "gauge", NULL, "Runs whose last rows are missing.");
	add(m, "alumet_incomplete_runs ");
	add_number(m, (double)cut);
	add_family(
		m, "alumet_losses", "gauge", NULL,
		"Messages that something is missing in these numbers; the text report has them.");
	add(m, "alumet_losses ");
	add_number(m, (double)missing);
}

int report_write_openmetrics(struct report_data *data, const struct report_options *options,
                             FILE *out)
{
	struct report_totals totals;
	struct metrics m = {.data = data, .totals = &totals};
	struct report_jobs jobs;
	int err = report_totals_make(data, &totals), jobs_err = report_jobs_make(data, &jobs);

	if (!err)
		err = jobs_err;
	if (!err) {
		add_family(&m, "alumet_wall_seconds", "gauge", "seconds",
		           "From the start of the first process to the end of the last.");
		add(&m, "alumet_wall_seconds ");
		add_number(&m, (double)data->end_ns * 1e-9);
		add_incomplete(&m);
		add_family(&m, "alumet_processes", "gauge", NULL, "Processes of a command.");
		add_commands(&m, "alumet_processes", OF_PROCESSES, 1);
		add_family(&m, "alumet_failed_processes", "gauge", NULL,
		           "Those that a signal ended, or whose exit status was not 0.");
		add_commands(&m, "alumet_failed_processes", OF_FAILED, 1);
		add_family(&m, "alumet_process_lifetime_seconds", "counter", "seconds",
		           "From start to end, added up over the processes of a command.");
		add_commands(&m, "alumet_process_lifetime_seconds_total", OF_WALL, 1e-9);
		for (size_t i = 0; i < data->n_fields; i++)
			add_field(&m, i);
		add_energies(&m, &jobs);
		add(&m, "# EOF\n");
		fwrite(m.out.data, 1, m.out.n, out);
	}
	if (err || m.out.failed) {
		log_error("out of memory for the metrics");
		err = -ENOMEM;
	}
	text_fini(&m.out);
	report_jobs_fini(&jobs);
	report_totals_fini(&totals);
	return err;
}
