/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whatever is written reads back the same, by a reader that knows nothing of the writer. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>

#include "unit/csv_rows_support.h"

#define KEYS 4
static const char *const keys[KEYS] = {"args", "comm", "domain", "exe"};

struct cell {
	unsigned char bytes[4096];
	size_t n;
};

/*
 * RFC 4180: reads a cell at *at, and leaves *at behind the delimiter or line end, which it returns.
 */
static char read_cell(const unsigned char **at, char delimiter, struct cell *cell)
{
	cell->n = 0;
	if (**at != '"') {
		while (**at != (unsigned char)delimiter && **at != '\n') {
			assert_true(**at != '"' && **at != '\r');
			cell->bytes[cell->n++] = *(*at)++;
		}
		return (char)*(*at)++;
	}
	for (++*at;;) {
		if (**at != '"') {
			cell->bytes[cell->n++] = *(*at)++;
		} else if ((*at)[1] == '"') {
			cell->bytes[cell->n++] = '"';
			*at += 2;
		} else {
			++*at;
			assert_true(**at == (unsigned char)delimiter || **at == '\n');
			return (char)*(*at)++;
		}
	}
}

/* The next key=value of the cell, unescaped. Returns false at its end. */
static bool read_late(const struct cell *cell, size_t *at, char delimiter, char *key,
                      struct cell *value)
{
	size_t n = 0;

	if (*at >= cell->n)
		return false;
	while (cell->bytes[*at] != '=')
		key[n++] = (char)cell->bytes[(*at)++];
	key[n] = '\0';
	++*at;
	value->n = 0;
	for (; *at < cell->n && cell->bytes[*at] != (unsigned char)delimiter; ++*at) {
		assert_true(cell->bytes[*at] != '=');
		if (cell->bytes[*at] == '\\')
			++*at;
		value->bytes[value->n++] = cell->bytes[*at];
	}
	++*at;
	return true;
}

/* Bytes that have a meaning somewhere are frequent; all others occur, NUL among them. */
static void fill_random(struct cell *cell)
{
	static const char special[] = ";,=\\\"\r\n|\t ";

	cell->n = (size_t)rand() % 40;
	for (size_t i = 0; i < cell->n; i++)
		cell->bytes[i] = (unsigned char)(rand() % 2 ? special[rand() % 10] : rand());
}

static void read_back(const unsigned char *row, const struct csv_settings *settings,
                      const struct cell *values, size_t n_columns)
{
	static struct cell cell, value;
	char key[64], end = 0;
	size_t at = 0, n_late = 0;

	for (size_t i = 0; i < 7; i++)
		assert_int_equal(end = read_cell(&row, *settings->csv_delimiter, &cell),
		                 *settings->csv_delimiter);
	for (size_t i = 0; i < n_columns; i++) {
		assert_int_equal(end = read_cell(&row, *settings->csv_delimiter, &cell),
		                 *settings->csv_delimiter);
		assert_int_equal(cell.n, values[i].n);
		assert_memory_equal(cell.bytes, values[i].bytes, cell.n);
	}
	end = read_cell(&row, *settings->csv_delimiter, &cell);
	assert_int_equal(end, '\n');
	while (read_late(&cell, &at, *settings->csv_late_delimiter, key, &value)) {
		const struct cell *expected = &values[n_columns + n_late];

		assert_string_equal(key, keys[n_columns + n_late]);
		assert_int_equal(value.n, expected->n);
		assert_memory_equal(value.bytes, expected->bytes, value.n);
		n_late++;
	}
	assert_int_equal(n_columns + n_late, KEYS);
}

static void round_trip(struct fixture *f, size_t n_columns)
{
	static struct cell values[KEYS];
	struct attribute attributes[KEYS];
	struct point point = {.metric = f->count, .n_attributes = KEYS, .attributes = attributes};

	for (int i = 0; i < 8000; i++) {
		size_t length;
		char *row;

		for (size_t k = 0; k < KEYS; k++) {
			/* Pushed in another order than they are written. */
			size_t place = (k + (size_t)i) % KEYS;

			fill_random(&values[k]);
			attributes[place] = (struct attribute){
				keys[k], (const char *)values[k].bytes, values[k].n};
		}
		row = rows_of(f, &point, 1, &length);
		read_back((const unsigned char *)row, &f->settings, values, n_columns);
		assert_int_equal(row[length - 1], '\n');
		free(row);
	}
}

static void any_bytes_read_back_from_late_attributes(void **state)
{
	struct fixture *f = *state;

	round_trip(f, 0);
	f->settings.csv_delimiter = "\t";
	f->settings.csv_late_delimiter = "|";
	round_trip(f, 0);
	f->settings.csv_delimiter = f->settings.csv_late_delimiter = ",";
	round_trip(f, 0);
}

static void any_bytes_read_back_from_columns(void **state)
{
	struct fixture *f = *state;

	metric_announce_attribute(f->registry, keys[1]);
	metric_announce_attribute(f->registry, keys[0]);
	f->settings.attributes_as_columns = true;
	round_trip(f, 2);
}

static void doubles_read_back(void **state)
{
	struct fixture *f = *state;
	struct point point = {.metric = f->energy, .type = VALUE_F64};
	static struct cell cell;

	for (int i = 0; i < 8000; i++) {
		const unsigned char *at;
		char *row;

		point.value.f64 = ldexp((double)rand() * RAND_MAX + rand(), rand() % 600 - 300);
		if (i == 0)
			point.value.f64 = DBL_MAX;
		row = rows_of(f, &point, 1, NULL);
		at = (const unsigned char *)row;
		for (int c = 0; c < 3; c++)
			read_cell(&at, ';', &cell);
		cell.bytes[cell.n] = '\0';
		assert_true(strtod((char *)cell.bytes, NULL) == point.value.f64);
		free(row);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(any_bytes_read_back_from_late_attributes),
		WITH(any_bytes_read_back_from_columns),
		WITH(doubles_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
