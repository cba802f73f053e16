/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The CSV format: header and rows as text.
 *
 *   metric;timestamp;value;resource_kind;resource_id;consumer_kind;consumer_id;__late_attributes
 *
 * A cell is quoted as in RFC 4180 if it contains the delimiter, a double quote, CR or LF. The last
 * cell is key=value,key=value with sorted keys; in a value, the late delimiter, '=' and '\' are
 * escaped with '\'. If the point says which process of its pid it belongs to, the attribute life
 * has that. Attributes with their own column are in that column, not in the last cell. Rows end
 * with LF. A point without a value has an empty cell there.
 */
#ifndef OUTPUTS_CSV_CSV_ROWS_H
#define OUTPUTS_CSV_CSV_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alumet/metric.h"
#include "alumet/point.h"
#include "core/clock.h"
#include "core/number.h"
#include "core/text.h"
#include "outputs/csv/csv.h"
#include "outputs/file/csv_delimiter.h"

struct csv_rows {
	const struct csv_settings *settings;
	const struct metric_registry *metrics;
	struct csv_delimiter delimiter, late_delimiter;
	const char *const *columns; /* keys of the attributes with a column, sorted */
	size_t n_columns;

	/* Cells that repeat from row to row, with their delimiters. */
	struct text *metric_cells; /* by metric id; empty: not made yet */
	size_t n_metric_cells;
	struct text resource_cells[RESOURCE_KINDS]; /* the id follows */
	struct text consumer_cells[CONSUMER_KINDS];
	uint64_t second; /* the second that timestamp is for */
	char timestamp[CLOCK_RFC3339_SIZE];

	/* Used while a row is made. */
	const struct attribute **sorted;
	size_t sorted_capacity;
	struct text cell;
	struct attribute life; /* of the point, like its own attributes */
	char life_number[NUMBER_U64_SIZE];
	struct attribute run; /* of every point of a series; no text: not in a series */
	char run_number[NUMBER_U64_SIZE];
};

/*
 * settings and metrics must outlive the rows. Returns 0, -EINVAL for an invalid delimiter, or
 * -ENOMEM; logged.
 */
int csv_rows_init(struct csv_rows *rows, const struct csv_settings *settings,
                  const struct metric_registry *metrics);
void csv_rows_fini(struct csv_rows *rows);

/* Add the attribute run with this number to every row from now on. */
void csv_rows_set_run(struct csv_rows *rows, uint32_t number);

/* Add the header. Out of memory: out->failed. */
void csv_rows_add_header(const struct csv_rows *rows, struct text *out);

/* Add the point's row. Returns 0, or -ENOMEM with nothing added. */
int csv_rows_add(struct csv_rows *rows, struct text *out, const struct point *point);

#endif
