/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "outputs/csv/csv_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "outputs/file/csv_cell.h"

/* Memory kept for the last cell of a row; a command line can have megabytes. */
#define CELL_KEEP ((size_t)16 * 1024)

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* In the last cell, '\' escapes the next character. Few characters need it. */
static void add_escaped(struct text *out, const char *bytes, size_t n,
                        struct csv_delimiter late_delimiter)
{
	size_t added = 0;

	for (size_t i = 0; i < n; i++) {
		if (bytes[i] != '=' && bytes[i] != '\\' &&
		    !csv_holds_delimiter(bytes + i, n - i, late_delimiter))
			continue;
		text_add(out, bytes + added, i - added);
		text_add_char(out, '\\');
		added = i;
	}
	text_add(out, bytes + added, n - added);
}

/* The configuration has checked both and logged the place; this is for other callers. */
static int set_delimiters(struct csv_rows *rows, const struct csv_settings *settings)
{
	const char *problem = csv_delimiter_problem(&settings->csv_delimiter);
	const char *late_problem = csv_late_delimiter_problem(&settings->csv_late_delimiter);

	if (problem || late_problem) {
		return log_errno(-EINVAL, "%s: %s",
		                 problem ? "csv_delimiter" : "csv_late_delimiter",
		                 problem ? problem : late_problem);
	}
	rows->delimiter =
		(struct csv_delimiter){settings->csv_delimiter, strlen(settings->csv_delimiter)};
	rows->late_delimiter = (struct csv_delimiter){settings->csv_late_delimiter,
	                                              strlen(settings->csv_late_delimiter)};
	return 0;
}

static bool make_kind_cell(struct csv_rows *rows, struct text *cell, const char *name)
{
	csv_add_cell(cell, name, strlen(name), rows->delimiter);
	csv_add_delimiter(cell, rows->delimiter);
	return !cell->failed;
}

static int make_kind_cells(struct csv_rows *rows)
{
	bool made = true;

	for (enum resource_kind kind = 0; kind < RESOURCE_KINDS; kind++)
		made &= make_kind_cell(rows, &rows->resource_cells[kind], resource_kind_name(kind));
	for (enum consumer_kind kind = 0; kind < CONSUMER_KINDS; kind++)
		made &= make_kind_cell(rows, &rows->consumer_cells[kind], consumer_kind_name(kind));
	if (!made)
		log_error("out of memory for the CSV output");
	return made ? 0 : -ENOMEM;
}

int csv_rows_init(struct csv_rows *rows, const struct csv_settings *settings,
                  const struct metric_registry *metrics)
{
	int result;

	*rows = (struct csv_rows){
		.settings = settings,
		.metrics = metrics,
		.second = UINT64_MAX,
	};
	result = set_delimiters(rows, settings);
	if (settings->attributes_as_columns)
		rows->columns = metric_announced_attributes(metrics, &rows->n_columns);
	if (result == 0)
		result = make_kind_cells(rows);
	if (result < 0)
		csv_rows_fini(rows);
	return result;
}

void csv_rows_fini(struct csv_rows *rows)
{
	for (size_t i = 0; i < rows->n_metric_cells; i++)
		text_fini(&rows->metric_cells[i]);
	free(rows->metric_cells);
	for (size_t i = 0; i < RESOURCE_KINDS; i++)
		text_fini(&rows->resource_cells[i]);
	for (size_t i = 0; i < CONSUMER_KINDS; i++)
		text_fini(&rows->consumer_cells[i]);
	free(rows->sorted);
	text_fini(&rows->cell);
	*rows = (struct csv_rows){.settings = NULL};
}

void csv_rows_set_run(struct csv_rows *rows, uint32_t number)
{
	rows->run = (struct attribute){
		.key = "run",
		.text = rows->run_number,
		.length = number_format_u64(number, rows->run_number),
	};
}

void csv_rows_add_header(const struct csv_rows *rows, struct text *out)
{
	static const char *const names[] = {"metric",        "timestamp",   "value",
	                                    "resource_kind", "resource_id", "consumer_kind",
	                                    "consumer_id"};

	for (size_t i = 0; i < COUNT(names); i++) {
		csv_add_cell(out, names[i], strlen(names[i]), rows->delimiter);
		csv_add_delimiter(out, rows->delimiter);
	}
	for (size_t i = 0; i < rows->n_columns; i++) {
		csv_add_cell(out, rows->columns[i], strlen(rows->columns[i]), rows->delimiter);
		csv_add_delimiter(out, rows->delimiter);
	}
	csv_add_cell(out, "__late_attributes", strlen("__late_attributes"), rows->delimiter);
	text_add_char(out, '\n');
}

static bool make_metric_cell(struct csv_rows *rows, struct text *cell, const struct metric *metric)
{
	const char *unit =
		rows->settings->use_unit_display_name ? metric->unit->display : metric->unit->ucum;

	text_clear(&rows->cell, CELL_KEEP);
	text_add_string(&rows->cell, metric->name);
	if (rows->settings->append_unit_to_metric_name && *unit) {
		text_add_char(&rows->cell, '_');
		text_add_string(&rows->cell, unit);
	}
	if (!rows->cell.failed) {
		csv_add_cell(cell, rows->cell.data, rows->cell.n, rows->delimiter);
		csv_add_delimiter(cell, rows->delimiter);
	}
	return !rows->cell.failed && !cell->failed;
}

/* Metrics may be registered at any time: a cell is made when first needed. NULL: out of memory. */
static const struct text *metric_cell(struct csv_rows *rows, uint32_t id)
{
	struct text *cell;

	if (id >= rows->n_metric_cells) {
		struct text *cells =
			reallocarray(rows->metric_cells, (size_t)id + 1, sizeof(*cells));

		if (!cells)
			return NULL;
		memset(cells + rows->n_metric_cells, 0,
		       ((size_t)id + 1 - rows->n_metric_cells) * sizeof(*cells));
		rows->metric_cells = cells;
		rows->n_metric_cells = (size_t)id + 1;
	}
	cell = &rows->metric_cells[id];
	if (cell->n == 0 && !make_metric_cell(rows, cell, metric_get(rows->metrics, id))) {
		text_fini(cell);
		return NULL;
	}
	return cell;
}

static void add_timestamp(struct csv_rows *rows, struct text *out, uint64_t time_ns)
{
	uint64_t second = time_ns / NSEC_PER_SEC;

	if (second != rows->second) {
		clock_format_rfc3339(time_ns, rows->timestamp);
		rows->second = second;
	} else {
		number_format_digits((uint32_t)(time_ns - second * NSEC_PER_SEC), 9,
		                     rows->timestamp + CLOCK_RFC3339_FRACTION);
	}
	text_add(out, rows->timestamp, CLOCK_RFC3339_SIZE - 1);
}

static void add_u64(struct text *out, uint64_t value)
{
	char digits[NUMBER_U64_SIZE];

	text_add(out, digits, number_format_u64(value, digits));
}

static void add_value(struct text *out, const struct point *point)
{
	char digits[NUMBER_F64_SIZE];

	switch (point->type) {
	case VALUE_U64:
		add_u64(out, point->value.u64);
		break;
	case VALUE_F64:
		text_add(out, digits, number_format_f64(point->value.f64, digits));
		break;
	case VALUE_NONE:
		break;
	}
}

/* Insert the attribute among the first n of rows->sorted. They are few: an insertion sort. */
static void insert_attribute(struct csv_rows *rows, size_t n, const struct attribute *attribute)
{
	while (n > 0 && strcmp(rows->sorted[n - 1]->key, attribute->key) > 0) {
		rows->sorted[n] = rows->sorted[n - 1];
		n--;
	}
	rows->sorted[n] = attribute;
}

/* Sort the point's attributes by key into rows->sorted. False: out of memory. */
static bool sort_attributes(struct csv_rows *rows, const struct point *point, size_t *n)
{
	const size_t capacity = point->n_attributes + 2; /* life and run */
	size_t i;

	if (capacity > rows->sorted_capacity) {
		const struct attribute **sorted =
			reallocarray(rows->sorted, capacity, sizeof(*sorted));

		if (!sorted)
			return false;
		rows->sorted = sorted;
		rows->sorted_capacity = capacity;
	}
	for (i = 0; i < point->n_attributes; i++)
		insert_attribute(rows, i, &point->attributes[i]);
	if (point->consumer_life) {
		rows->life = (struct attribute){
			.key = "life",
			.text = rows->life_number,
			.length = number_format_u64(point->consumer_life, rows->life_number),
		};
		insert_attribute(rows, i++, &rows->life);
	}
	if (rows->run.text)
		insert_attribute(rows, i++, &rows->run);
	*n = i;
	return true;
}

static void add_late_attribute(struct csv_rows *rows, const struct attribute *attribute)
{
	struct text *cell = &rows->cell;

	if (cell->n > 0)
		csv_add_delimiter(cell, rows->late_delimiter);
	add_escaped(cell, attribute->key, strlen(attribute->key), rows->late_delimiter);
	text_add_char(cell, '=');
	add_escaped(cell, attribute->text, attribute->length, rows->late_delimiter);
}

/* Columns and attributes are both sorted: walk them in parallel. */
static void add_attributes(struct csv_rows *rows, struct text *out, size_t n)
{
	size_t column = 0;

	text_clear(&rows->cell, CELL_KEEP);
	for (size_t i = 0; i < n; i++) {
		const struct attribute *attribute = rows->sorted[i];
		int order = -1;

		while (column < rows->n_columns &&
		       (order = strcmp(rows->columns[column], attribute->key)) < 0) {
			csv_add_delimiter(out, rows->delimiter);
			column++;
		}
		if (column < rows->n_columns && order == 0) {
			csv_add_cell(out, attribute->text, attribute->length, rows->delimiter);
			csv_add_delimiter(out, rows->delimiter);
			column++;
		} else {
			add_late_attribute(rows, attribute);
		}
	}
	for (; column < rows->n_columns; column++)
		csv_add_delimiter(out, rows->delimiter);
	if (rows->cell.n > 0)
		csv_add_cell(out, rows->cell.data, rows->cell.n, rows->delimiter);
}

static void add_id(const struct csv_rows *rows, struct text *out, const char *text, uint32_t id,
                   bool has_id)
{
	if (text)
		csv_add_cell(out, text, strlen(text), rows->delimiter);
	else if (has_id)
		add_u64(out, id);
}

int csv_rows_add(struct csv_rows *rows, struct text *out, const struct point *point)
{
	const struct text *metric = metric_cell(rows, point->metric);
	const struct text *resource = &rows->resource_cells[point->resource_kind];
	const struct text *consumer = &rows->consumer_cells[point->consumer_kind];
	size_t start = out->n, n_attributes;

	if (!metric || !sort_attributes(rows, point, &n_attributes))
		return -ENOMEM;
	text_add(out, metric->data, metric->n);
	add_timestamp(rows, out, point->time_ns);
	csv_add_delimiter(out, rows->delimiter);
	add_value(out, point);
	csv_add_delimiter(out, rows->delimiter);
	text_add(out, resource->data, resource->n);
	add_id(rows, out, point->resource_text, point->resource_id,
	       point->resource_kind != RESOURCE_LOCAL_MACHINE);
	csv_add_delimiter(out, rows->delimiter);
	text_add(out, consumer->data, consumer->n);
	add_id(rows, out, point->consumer_text, point->consumer_id,
	       point->consumer_kind != CONSUMER_LOCAL_MACHINE);
	csv_add_delimiter(out, rows->delimiter);
	add_attributes(rows, out, n_attributes);
	text_add_char(out, '\n');
	if (out->failed || rows->cell.failed) {
		out->failed = false;
		out->n = start;
		return -ENOMEM;
	}
	return 0;
}
