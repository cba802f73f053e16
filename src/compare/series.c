/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The summary of a series. */
#include "compare/compare.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/amount.h"
#include "compare/failed.h"
#include "compare/samples.h"
#include "compare/statistics.h"
#include "compare/write.h"
#include "core/log.h"
#include "report/heading.h"
#include "report/json.h"
#include "report/names.h"
#include "report/read.h"

/* At most this many commands are shown, those with most CPU time; JSON has all. */
#define LINES_SHOWN 20

/* Columns of the names and numbers in the text's tables, which mostly fit into 80 columns. */
#define NAMES_LEAST 12
#define NAMES_MOST 60
#define NUMBER_COLUMNS 9
#define SHARE_COLUMNS 7

enum form { TEXT, MARKDOWN, JSON };

/* The state while a summary is written. */
struct series {
	struct samples samples;
	enum form form;
	char *heading; /* NULL: no run is complete */
	struct text out, name;
	size_t name_columns;
	size_t *order; /* lines: the whole run, then commands by CPU time */
	double *scratch;
	bool *is_outlier;
};

/* ---- which lines ---- */

static double weight_of(const struct samples *samples, size_t line)
{
	double sum = 0;

	for (size_t q = 0; q < 2; q++) { /* CPU time, else wall time */
		const double *row = samples_row(samples, line, q);

		for (size_t i = 0; i < samples->n_base; i++)
			sum += isnan(row[i]) ? 0 : row[i];
		if (sum > 0)
			break;
	}
	return line == 0 ? HUGE_VAL : sum;
}

static int compare_lines(const void *a, const void *b, void *data)
{
	const size_t x = *(const size_t *)a, y = *(const size_t *)b;
	const double x_weight = weight_of(data, x), y_weight = weight_of(data, y);

	if (x_weight != y_weight)
		return x_weight < y_weight ? 1 : -1;
	return x < y ? -1 : x > y;
}

static int prepare(struct series *series)
{
	const size_t n_lines = series->samples.n_lines, n_runs = series->samples.n_base;

	if (n_runs > 0)
		series->heading = report_heading(series->samples.data, series->samples.runs[0]);
	series->order = malloc(n_lines * sizeof(*series->order));
	series->scratch = malloc((n_runs + 1) * sizeof(*series->scratch));
	series->is_outlier = malloc((n_runs + 1) * sizeof(*series->is_outlier));
	if (!series->order || !series->scratch || !series->is_outlier ||
	    (n_runs > 0 && !series->heading))
		return -ENOMEM;
	for (size_t i = 0; i < n_lines; i++)
		series->order[i] = i;
	qsort_r(series->order, n_lines, sizeof(*series->order), compare_lines, &series->samples);
	return 0;
}

/* ---- one line ---- */

static const char *run_name(const struct samples *samples, size_t column)
{
	return samples->data->runs[samples->runs[column]].id->bytes;
}

static void add_outliers(struct series *series, const double *row)
{
	const size_t n = series->samples.n_base;
	const char *before = series->form == MARKDOWN ? "run " : "  run ";

	if (!sample_outliers(row, n, series->scratch, series->is_outlier))
		return;
	for (size_t i = 0; i < n; i++) {
		if (series->is_outlier[i]) {
			add_formatted(&series->out, "%s%s", before, run_name(&series->samples, i));
			before = ", ";
		}
	}
}

static void add_cell(struct series *series, const char *text, size_t columns, bool right)
{
	if (series->form == MARKDOWN) {
		text_add_string(&series->out, " ");
		text_add_string(&series->out, text);
		text_add_string(&series->out, " |");
	} else {
		add_padded(&series->out, text, strlen(text), columns, right);
	}
}

/* A path that is too long loses its beginning: its end says more. */
static void add_name(struct series *series, const char *name)
{
	struct text end = {.n = 0};

	if (series->form == TEXT && columns_of(name, strlen(name)) > series->name_columns) {
		text_add_string(&end, "…");
		text_add_string(&end, last_columns(name, series->name_columns - 1));
		text_add_char(&end, '\0');
		series->out.failed |= end.failed;
	}
	add_cell(series, end.n && !end.failed ? end.data : name, series->name_columns, false);
	text_fini(&end);
}

/* NAN: a single run has none. */
static double shown_sd(const struct sample *sample)
{
	return sample->n > 1 ? sample->sd : NAN;
}

static void add_row(struct series *series, const char *name,
                    const struct sample_quantity *quantity, const double *row)
{
	const struct sample sample = sample_of(row, series->samples.n_base);
	const double numbers[] = {sample.mean, shown_sd(&sample), sample.min, sample.max};
	char text[AMOUNT_SIZE], share[AMOUNT_SIZE] = "";

	if (sample.n == 0)
		return;
	if (series->form == MARKDOWN)
		text_add_char(&series->out, '|');
	add_name(series, name);
	for (size_t i = 0; i < 4; i++) {
		add_cell(series, isnan(numbers[i]) ? "-" : amount(numbers[i], quantity->unit, text),
		         NUMBER_COLUMNS, true);
		if (i == 1 && sample.mean > 0 && sample.n > 1)
			snprintf(share, sizeof(share), "%.1f %%", 100 * sample.sd / sample.mean);
		if (i == 1)
			add_cell(series, share, SHARE_COLUMNS, true);
	}
	add_outliers(series, row);
	if (series->form == MARKDOWN)
		text_add_string(&series->out, " |");
	text_add_char(&series->out, '\n');
}

static void add_head(struct series *series)
{
	static const char *const heads[] = {"mean", "sd", "", "min", "max"};

	if (series->form == MARKDOWN)
		text_add_char(&series->out, '|');
	add_cell(series, "", series->name_columns, false);
	for (size_t i = 0; i < 5; i++)
		add_cell(series, heads[i], i == 2 ? SHARE_COLUMNS : NUMBER_COLUMNS, true);
	text_add_string(&series->out, series->form == MARKDOWN
	                                      ? " outliers |\n|---|--:|--:|--:|--:|--:|---|\n"
	                                      : "  outliers\n");
}

/* The path of a line. In Markdown special characters are escaped; '|' would end the cell. */
static const char *name_of(struct series *series, size_t line)
{
	struct text path = {.n = 0};

	samples_add_path(&series->samples, line, &path);
	text_clear(&series->name, 4096);
	for (size_t i = 0; i < path.n; i++) {
		if (series->form == MARKDOWN && strchr("|\\`*_<&[]", path.data[i]))
			text_add_char(&series->name, '\\');
		text_add_char(&series->name, path.data[i]);
	}
	text_add_char(&series->name, '\0');
	series->name.failed |= path.failed;
	text_fini(&path);
	return series->name.failed ? "" : series->name.data;
}

/* The command line, as in the summary of a single run. */
static void add_heading(struct series *series)
{
	struct text name = {.n = 0};

	if (!series->heading)
		return;
	report_add_visible(&name, series->heading, strlen(series->heading));
	text_add_string(&series->out, series->form == MARKDOWN ? "### " : "\n");
	if (series->form == MARKDOWN)
		write_escaped(&series->out, name.n ? name.data : "", name.n);
	else
		text_add(&series->out, name.n ? name.data : "", name.n);
	text_add_string(&series->out, series->form == MARKDOWN ? "\n\n" : "\n");
	series->out.failed |= name.failed;
	text_fini(&name);
}

static void widen_for(struct series *series, const char *name)
{
	const size_t columns = columns_of(name, strlen(name));

	if (columns > series->name_columns)
		series->name_columns = columns < NAMES_MOST ? columns : NAMES_MOST;
}

static void choose_name_columns(struct series *series, size_t shown)
{
	series->name_columns = NAMES_LEAST;
	for (size_t q = 0; q < series->samples.n_quantities; q++)
		widen_for(series, series->samples.quantities[q].name);
	for (size_t i = 1; i < shown; i++)
		widen_for(series, name_of(series, series->order[i]));
}

static void add_path(struct series *series, const char *path)
{
	if (series->form == MARKDOWN)
		return;
	text_add_string(&series->out, "\nrows in ");
	report_add_visible(&series->out, path, strlen(path));
	text_add_char(&series->out, '\n');
}

static void add_table(struct series *series)
{
	const struct samples *samples = &series->samples;
	const size_t shown =
		samples->n_lines > LINES_SHOWN + 1 ? LINES_SHOWN + 1 : samples->n_lines;

	add_heading(series);
	add_formatted(&series->out, "%zu run%s", samples->n_base, samples->n_base == 1 ? "" : "s");
	if (samples->n_left_out)
		add_formatted(&series->out, ", %zu interrupted left out", samples->n_left_out);
	text_add_string(&series->out, "\n\n");
	failed_add_line(samples, 0, samples->n_base, "", false, series->form == MARKDOWN,
	                &series->out);
	if (failed_count(samples, 0, samples->n_base))
		text_add_char(&series->out, '\n');
	if (samples->n_base == 0)
		return;
	choose_name_columns(series, shown);
	add_head(series);
	for (size_t q = 0; q < samples->n_quantities; q++)
		add_row(series, samples->quantities[q].name, &samples->quantities[q],
		        samples_row(samples, 0, q));
	add_formatted(&series->out, "\nCPU time of each command:\n%s",
	              series->form == MARKDOWN ? "\n" : "");
	add_head(series);
	for (size_t i = 1; i < shown; i++)
		add_row(series, name_of(series, series->order[i]), &samples->quantities[0],
		        samples_row(samples, series->order[i], 0));
	if (samples->n_lines > shown)
		add_formatted(&series->out, "\n%zu further commands with less CPU time\n",
		              samples->n_lines - shown);
}

/* ---- JSON ---- */

static void add_json_quantity(struct series *series, const struct sample_quantity *quantity,
                              const double *row)
{
	const size_t n = series->samples.n_base;
	const struct sample sample = sample_of(row, n);
	struct text *out = &series->out;

	if (sample.n == 0)
		return;
	json_add_key(out, quantity->name);
	text_add_char(out, '{');
	json_add_pair(out, "unit", quantity->unit);
	json_add_pair_f64(out, "mean", sample.mean);
	json_add_pair_f64(out, "sd", shown_sd(&sample));
	json_add_pair_f64(out, "min", sample.min);
	json_add_pair_f64(out, "max", sample.max);
	json_add_key(out, "values");
	text_add_char(out, '[');
	for (size_t i = 0; i < n; i++) {
		json_separate(out);
		json_add_f64(out, row[i]);
	}
	text_add_char(out, ']');
	json_add_key(out, "outliers");
	text_add_char(out, '[');
	sample_outliers(row, n, series->scratch, series->is_outlier);
	for (size_t i = 0; i < n; i++) {
		if (series->is_outlier[i]) {
			json_separate(out);
			json_add_string(out, run_name(&series->samples, i),
			                strlen(run_name(&series->samples, i)));
		}
	}
	text_add_string(out, "]}");
}

static void add_json(struct series *series, const char *path)
{
	const struct samples *samples = &series->samples;
	struct text *out = &series->out;

	text_add_char(out, '{');
	if (series->heading)
		json_add_pair(out, "command_line", series->heading);
	json_add_pair_u64(out, "runs", samples->n_base);
	json_add_pair_u64(out, "interrupted", samples->n_left_out);
	json_add_key(out, "failed");
	text_add_char(out, '[');
	failed_add_json(samples, 0, samples->n_base, NULL, out);
	text_add_char(out, ']');
	json_add_key(out, "lines");
	text_add_char(out, '[');
	for (size_t i = 0; i < samples->n_lines; i++) {
		json_separate(out);
		text_add_char(out, '{');
		json_add_pair(out, "path", name_of(series, series->order[i]));
		for (size_t q = 0; q < samples->n_quantities; q++)
			add_json_quantity(series, &samples->quantities[q],
			                  samples_row(samples, series->order[i], q));
		text_add_char(out, '}');
	}
	text_add_char(out, ']');
	json_add_key(out, "files");
	text_add_char(out, '[');
	json_add_string(out, path, strlen(path));
	text_add_string(out, "]}\n");
}

/* ---- the whole ---- */

static void series_fini(struct series *series)
{
	samples_fini(&series->samples);
	text_fini(&series->out);
	text_fini(&series->name);
	free(series->order);
	free(series->scratch);
	free(series->is_outlier);
	free(series->heading);
}

int compare_series(const char *path, size_t n_runs, const char *format, FILE *out)
{
	struct report_data data = {.n_runs = 0};
	struct series series = {.form = strcmp(format, "json") == 0       ? JSON
	                                : strcmp(format, "markdown") == 0 ? MARKDOWN
	                                                                  : TEXT};
	char *file = (char *)path;
	int err = report_read(&path, 1, &data);

	if (err) {
		report_data_fini(&data);
		return err;
	}
	err = samples_make(&series.samples, &data, data.n_runs > n_runs ? data.n_runs - n_runs : 0,
	                   &file, 1);
	if (!err)
		err = prepare(&series);
	if (!err) {
		if (series.form == JSON)
			add_json(&series, path);
		else
			add_table(&series);
		if (series.form != JSON)
			add_path(&series, path);
		err = series.out.failed || series.name.failed ? -ENOMEM : 0;
	}
	if (err)
		log_error("out of memory for the summary of the series");
	else
		fwrite(series.out.data, 1, series.out.n, out);
	series_fini(&series);
	report_data_fini(&data);
	return err;
}
