/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "unit/csv_rows_support.h"

#define HEADER                                                                                     \
	"metric;timestamp;value;resource_kind;resource_id;consumer_kind;consumer_id;"              \
	"__late_attributes\n"
#define TIME 1715722129416768909ULL
#define TIME_TEXT "2024-05-14T21:28:49.416768909Z"

static const struct unit byte = {"B", "By"};

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

/*
 * The table of names is the compiler's to check; here each kind that exists has a name and a row.
 */
static void writes_every_kind_and_ids_that_are_texts(void **state)
{
	struct fixture *f = *state;
	struct point point = {.metric = f->count, .time_ns = 1, .type = VALUE_NONE};

	for (enum resource_kind kind = 0; kind < RESOURCE_KINDS; kind++) {
		assert_string_not_equal(resource_kind_name(kind), "unknown");
		for (enum resource_kind other = 0; other < kind; other++)
			assert_string_not_equal(resource_kind_name(kind),
			                        resource_kind_name(other));
	}
	assert_string_equal(resource_kind_name(RESOURCE_KINDS), "unknown");
	for (enum consumer_kind kind = 0; kind < CONSUMER_KINDS; kind++)
		assert_string_not_equal(consumer_kind_name(kind), "unknown");
	assert_string_equal(consumer_kind_name(CONSUMER_KINDS), "unknown");
	point.resource_kind = RESOURCE_GPU;
	point.resource_id = 5;
	point.resource_text = "GPU-8f6;\"x\"";
	point.consumer_kind = CONSUMER_CGROUP;
	point.consumer_text = "/user.slice/a b";
	assert_row(f, &point,
	           "perf_count;1970-01-01T00:00:00.000000001Z;;gpu;\"GPU-8f6;\"\"x\"\"\";cgroup;"
	           "/user.slice/a b;\n");
	point.resource_text = NULL;
	point.consumer_text = "";
	assert_row(f, &point, "perf_count;1970-01-01T00:00:00.000000001Z;;gpu;5;cgroup;;\n");
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

	point.metric = (uint32_t)metric_register(f->registry, "memory", &byte, METRIC_CUMULATIVE);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(writes_the_documented_example),
		WITH(writes_every_kind_and_ids_that_are_texts),
		WITH(leaves_the_value_empty_where_there_is_none),
		WITH(writes_units_as_the_settings_say),
		WITH(timestamps_follow_the_time_backwards_too),
		WITH(sorts_and_escapes_late_attributes),
		WITH(gives_announced_attributes_columns),
		WITH(uses_other_delimiters),
		WITH(refuses_delimiters_that_cannot_delimit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
