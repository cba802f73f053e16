/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <float.h>
#include <math.h>

#include "core/metric_registry.h"
#include "outputs/csv_rows.h"
#include "unit/output_support.h"

#define HEADER                                                                                     \
	"metric;timestamp;value;resource_kind;resource_id;consumer_kind;consumer_id;"              \
	"__late_attributes\n"
#define TIME 1715722129416768909ULL
#define TIME_TEXT "2024-05-14T21:28:49.416768909Z"

struct fixture {
	struct metric_registry *registry;
	struct csv_settings settings;
	uint32_t energy, count;
};

static const struct unit byte = {"B", "By"};

static int make(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->registry = metric_registry_new();
	f->energy = (uint32_t)metric_register(f->registry, "rapl_consumed_energy", &UNIT_JOULE);
	f->count = (uint32_t)metric_register(f->registry, "perf_count", &UNIT_NONE);
	f->settings = (struct csv_settings){
		.append_unit_to_metric_name = true,
		.use_unit_display_name = true,
		.csv_delimiter = ";",
		.csv_late_delimiter = ",",
	};
	*state = f;
	return 0;
}

static int unmake(void **state)
{
	struct fixture *f = *state;

	metric_registry_free(f->registry);
	free(f);
	return 0;
}

static struct attribute attribute(const char *key, const char *text)
{
	return (struct attribute){key, text, strlen(text)};
}

/* The rows of the points, NUL-terminated, to be freed. */
static char *rows_of(struct fixture *f, const struct point *points, size_t n, size_t *length)
{
	struct text out = {.data = NULL};
	struct csv_rows rows;

	assert_int_equal(csv_rows_init(&rows, &f->settings, f->registry), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(csv_rows_add(&rows, &out, &points[i]), 0);
	csv_rows_fini(&rows);
	if (length)
		*length = out.n;
	text_add_char(&out, '\0');
	return out.data;
}

static void assert_row(struct fixture *f, const struct point *point, const char *expected)
{
	char *row = rows_of(f, point, 1, NULL);

	assert_string_equal(row, expected);
	free(row);
}

static void assert_header(struct fixture *f, const char *expected)
{
	struct text out = {.data = NULL};
	struct csv_rows rows;

	assert_int_equal(csv_rows_init(&rows, &f->settings, f->registry), 0);
	csv_rows_add_header(&rows, &out);
	text_add_char(&out, '\0');
	assert_string_equal(out.data, expected);
	text_fini(&out);
	csv_rows_fini(&rows);
}

static void writes_the_documented_example(void **state)
{
	struct fixture *f = *state;
	struct attribute domain = attribute("domain", "dram");
	struct point counter = {.metric = f->count,
	                        .time_ns = TIME,
	                        .type = VALUE_U64,
	                        .consumer_kind = CONSUMER_PROCESS,
	                        .consumer_id = 728039};
	struct point energy = {.metric = f->energy,
	                       .time_ns = TIME,
	                       .type = VALUE_F64,
	                       .value.f64 = 0.89825439453125,
	                       .resource_kind = RESOURCE_DRAM,
	                       .n_attributes = 1,
	                       .attributes = &domain};

	assert_header(f, HEADER);
	assert_row(f, &counter, "perf_count;" TIME_TEXT ";0;local_machine;;process;728039;\n");
	assert_row(f, &energy,
	           "rapl_consumed_energy_J;" TIME_TEXT
	           ";0.89825439453125;dram;0;local_machine;;domain=dram\n");
	energy.resource_kind = RESOURCE_CPU_CORE;
	energy.resource_id = 3;
	energy.value.f64 = 0;
	assert_row(f, &energy,
	           "rapl_consumed_energy_J;" TIME_TEXT
	           ";0;cpu_core;3;local_machine;;domain=dram\n");
}

static void leaves_the_value_empty_where_there_is_none(void **state)
{
	struct fixture *f = *state;
	struct point point = {.metric = f->count, .time_ns = 1, .type = VALUE_NONE};

	assert_row(f, &point,
	           "perf_count;1970-01-01T00:00:00.000000001Z;;local_machine;;local_machine;;\n");
}

static void writes_units_as_the_settings_say(void **state)
{
	struct fixture *f = *state;
	struct point point = {.type = VALUE_NONE};

	point.metric = (uint32_t)metric_register(f->registry, "memory", &byte);
	assert_row(f, &point,
	           "memory_B;1970-01-01T00:00:00.000000000Z;;local_machine;;local_machine;;\n");
	f->settings.use_unit_display_name = false;
	assert_row(f, &point,
	           "memory_By;1970-01-01T00:00:00.000000000Z;;local_machine;;local_machine;;\n");
	f->settings.append_unit_to_metric_name = false;
	assert_row(f, &point,
	           "memory;1970-01-01T00:00:00.000000000Z;;local_machine;;local_machine;;\n");
}

static void timestamps_follow_the_time_backwards_too(void **state)
{
	struct fixture *f = *state;
	const uint64_t times[] = {0, 999999999,   1000000000, 1000000001,
	                          5, 60000000000, 59999999999};
	struct point points[7];
	char *rows, *row;

	for (size_t i = 0; i < 7; i++)
		points[i] = (struct point){.metric = f->count, .time_ns = times[i]};
	row = rows = rows_of(f, points, 7, NULL);
	for (size_t i = 0; i < 7; i++) {
		char expected[CLOCK_RFC3339_SIZE];

		clock_format_rfc3339(times[i], expected);
		row = strchr(row, ';') + 1;
		assert_memory_equal(row, expected, 30);
		row = strchr(row, '\n');
	}
	free(rows);
}

static void sorts_and_escapes_late_attributes(void **state)
{
	struct fixture *f = *state;
	struct attribute attributes[] = {
		attribute("ppid", "1"),
		attribute("comm", "a;b"),
		attribute("args", "x=1,y \\ \"q\""),
		attribute("exe", ""),
	};
	struct point point = {.metric = f->count, .n_attributes = 4, .attributes = attributes};

	assert_row(f, &point,
	           "perf_count;1970-01-01T00:00:00.000000000Z;0;local_machine;;local_machine;;"
	           "\"args=x\\=1\\,y \\\\ \"\"q\"\",comm=a;b,exe=,ppid=1\"\n");
}

static void gives_announced_attributes_columns(void **state)
{
	struct fixture *f = *state;
	struct attribute attributes[] = {
		attribute("zz", "late=1"),
		attribute("exe", "a,b=c;\\"),
		attribute("aa", "late"),
	};
	struct point point = {.metric = f->count, .n_attributes = 3, .attributes = attributes};
	struct point bare = {.metric = f->count};

	metric_announce_attribute(f->registry, "exe");
	metric_announce_attribute(f->registry, "domain");
	metric_announce_attribute(f->registry, "ppid");
	assert_header(f, HEADER);
	f->settings.attributes_as_columns = true;
	assert_header(f, "metric;timestamp;value;resource_kind;resource_id;consumer_kind;"
	                 "consumer_id;domain;exe;ppid;__late_attributes\n");
	assert_row(f, &point,
	           "perf_count;1970-01-01T00:00:00.000000000Z;0;local_machine;;local_machine;;;"
	           "\"a,b=c;\\\";;aa=late,zz=late\\=1\n");
	assert_row(
		f, &bare,
		"perf_count;1970-01-01T00:00:00.000000000Z;0;local_machine;;local_machine;;;;;\n");
}

static void uses_other_delimiters(void **state)
{
	struct fixture *f = *state;
	struct attribute attributes[] = {attribute("a", "1|2,3"), attribute("b", "\xc2\xa7")};
	struct point point = {.metric = f->count, .n_attributes = 2, .attributes = attributes};

	f->settings.csv_delimiter = "\t";
	f->settings.csv_late_delimiter = "|";
	assert_row(f, &point,
	           "perf_count\t1970-01-01T00:00:00.000000000Z\t0\tlocal_machine\t\t"
	           "local_machine\t\ta=1\\|2,3|b=\xc2\xa7\n");
	f->settings.csv_delimiter = "\xc2\xa7";
	f->settings.csv_late_delimiter = "\xe2\x80\xa2";
	assert_row(f, &point,
	           "perf_count\xc2\xa7"
	           "1970-01-01T00:00:00.000000000Z\xc2\xa7"
	           "0\xc2\xa7local_machine\xc2\xa7\xc2\xa7local_machine\xc2\xa7\xc2\xa7"
	           "\"a=1|2,3\xe2\x80\xa2"
	           "b=\xc2\xa7\"\n");
	f->settings.csv_delimiter = f->settings.csv_late_delimiter = ",";
	assert_row(f, &point,
	           "perf_count,1970-01-01T00:00:00.000000000Z,0,local_machine,,local_machine,,"
	           "\"a=1|2\\,3,b=\xc2\xa7\"\n");
	/* A delimiter that occurs in the names of the format itself. */
	f->settings.csv_delimiter = "_";
	point.n_attributes = 0;
	assert_row(f, &point,
	           "\"perf_count\"_1970-01-01T00:00:00.000000000Z_0_\"local_machine\"__"
	           "\"local_machine\"__\n");
}

static void assert_refused(struct fixture *f, const char *words)
{
	struct csv_rows rows;
	struct capture capture;

	capture_begin(&capture);
	assert_int_equal(csv_rows_init(&rows, &f->settings, f->registry), -EINVAL);
	capture_end_expecting(&capture, words);
}

static void refuses_delimiters_that_cannot_delimit(void **state)
{
	static char *const bad[] = {"\"", "\n", "\r", "a", "7", "-", ":", "."};
	static char *const bad_late[] = {"\"", "\n", "\r", "a", "7", "=", "\\", "_"};
	static char *const not_one[] = {"", ";;", "\xc2\xa7;", "\xc2", "\xa7", "\xff\xff\xff\xff"};
	struct fixture *f = *state;

	for (size_t i = 0; i < 8; i++) {
		f->settings.csv_delimiter = bad[i];
		assert_refused(f, "csv_delimiter");
		f->settings.csv_delimiter = ";";
		f->settings.csv_late_delimiter = bad_late[i];
		assert_refused(f, "csv_late_delimiter");
		f->settings.csv_late_delimiter = ",";
	}
	for (size_t i = 0; i < 6; i++) {
		f->settings.csv_delimiter = not_one[i];
		assert_refused(f, "single character");
	}
}

/* --- round trip through a reader that knows nothing of the writer ------------------------------ */

#define KEYS 4
static const char *const keys[KEYS] = {"args", "comm", "domain", "exe"};

struct cell {
	unsigned char bytes[4096];
	size_t n;
};

/* RFC 4180: reads a cell at *at, and leaves *at behind the delimiter or line end, which it returns. */
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
#define WITH(test) cmocka_unit_test_setup_teardown(test, make, unmake)
	const struct CMUnitTest tests[] = {
		WITH(writes_the_documented_example),
		WITH(leaves_the_value_empty_where_there_is_none),
		WITH(writes_units_as_the_settings_say),
		WITH(timestamps_follow_the_time_backwards_too),
		WITH(sorts_and_escapes_late_attributes),
		WITH(gives_announced_attributes_columns),
		WITH(uses_other_delimiters),
		WITH(refuses_delimiters_that_cannot_delimit),
		WITH(any_bytes_read_back_from_late_attributes),
		WITH(any_bytes_read_back_from_columns),
		WITH(doubles_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
