/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the kernel keeps of a process: folding of threads, and what follows from the numbers. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sources/perf/fields.h"
#include "sources/perf/processes.h"

#define MS 1000000ULL

/* Whatever order the threads end in. */
static void threads_are_added_and_peaks_compared(void **state)
{
	static const uint64_t orders[][3] = {{0, 1, 2}, {2, 1, 0}, {1, 2, 0}};
	__u64 threads[3][TASK_FIELDS_N], sum[TASK_FIELDS_N];

	for (uint32_t i = 0; i < 3; i++) {
		fields_clear(threads[i]);
		threads[i][TASK_READ_CHARS] = 10 + i;
		threads[i][TASK_PEAK_RSS] = i == 1 ? 5000 : 4000;
		threads[i][TASK_USER_REPORTED] = i == 2 ? 9 : 3;
	}
	threads[0][TASK_BLOCK_WAIT] = 7; /* the only one that it was kept of */
	for (size_t o = 0; o < 3; o++) {
		fields_clear(sum);
		for (size_t i = 0; i < 3; i++)
			fields_fold(sum, threads[orders[o][i]]);
		assert_int_equal(sum[TASK_READ_CHARS], 33);
		assert_int_equal(sum[TASK_PEAK_RSS], 5000);
		assert_int_equal(sum[TASK_USER_REPORTED], 9);
		assert_int_equal(sum[TASK_BLOCK_WAIT], 7);
		assert_true(sum[TASK_READ_BYTES] == TASK_FIELD_NONE);
	}
}

/* Each of these was computed by hand from cputime_adjust(). */
static void user_and_system_time_are_the_clock_divided_as_the_ticks(void **state)
{
	static const struct {
		uint64_t cpu, user_ticks, system_ticks, user_reported, system_reported;
		uint64_t user, system;
	} cases[] = {
		{10 * MS, 4 * MS, 4 * MS, 0, 0, 5 * MS, 5 * MS},
		{10 * MS, 12 * MS, 4 * MS, 0, 0, 7500000, 2500000},
		{3 * MS, 0, 0, 0, 0, 3 * MS, 0},                      /* no tick found it */
		{3 * MS, 0, 4 * MS, 0, 0, 0, 3 * MS},                 /* only in the kernel */
		{10 * MS, 8 * MS, 0, 0, 0, 10 * MS, 0},               /* only outside */
		{10 * MS, 4 * MS, 4 * MS, 6 * MS, 0, 6 * MS, 4 * MS}, /* user time was told as 6 */
		{10 * MS, 4 * MS, 4 * MS, 0, 7 * MS, 3 * MS, 7 * MS},
		{10 * MS, 4 * MS, 4 * MS, 8 * MS, 2 * MS, 8 * MS, 2 * MS}, /* all was told */
		/* Of centuries, product beyond 64 bits. */
		{1ULL << 62, 1ULL << 60, 1ULL << 60, 0, 0, 1ULL << 61, 1ULL << 61},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct account sum = {.kernel.cpu_ns = cases[i].cpu};
		const struct process process = {.sum = &sum};

		sum.fields[TASK_USER_TICKS] = cases[i].user_ticks;
		sum.fields[TASK_SYSTEM_TICKS] = cases[i].system_ticks;
		sum.fields[TASK_USER_REPORTED] = cases[i].user_reported;
		sum.fields[TASK_SYSTEM_REPORTED] = cases[i].system_reported;
		assert_int_equal(field_value(&process, TASK_USER_TICKS, 0).u64, cases[i].user);
		assert_int_equal(field_value(&process, TASK_SYSTEM_TICKS, 0).u64, cases[i].system);
	}
}

static void assert_times(struct process *process, uint64_t user, uint64_t system)
{
	assert_int_equal(field_value(process, TASK_USER_TICKS, 0).u64, user);
	assert_int_equal(field_value(process, TASK_SYSTEM_TICKS, 0).u64, system);
	fields_shown(process, TASK_USER_TICKS);
}

/* One tick finds it in user mode, the next in the kernel: half of what was user time is not. */
static void times_that_were_shown_do_not_go_down(void **state)
{
	struct account sum = {.kernel.cpu_ns = 7 * MS};
	struct process process = {.sum = &sum};

	sum.fields[TASK_USER_TICKS] = 4 * MS;
	assert_times(&process, 7 * MS, 0);
	sum.fields[TASK_SYSTEM_TICKS] = 4 * MS;
	sum.kernel.cpu_ns = 8 * MS;
	assert_times(&process, 7 * MS, 1 * MS);
	sum.kernel.cpu_ns = 12 * MS;
	assert_times(&process, 7 * MS, 5 * MS);
	sum.fields[TASK_USER_TICKS] = 20 * MS;
	sum.kernel.cpu_ns = 24 * MS;
	assert_times(&process, 19 * MS, 5 * MS);
	/* wait4() was asked after the last row: more of it in the kernel than fits beside that. */
	sum.fields[TASK_SYSTEM_REPORTED] = 24 * MS;
	sum.kernel.cpu_ns = 25 * MS;
	assert_times(&process, 19 * MS, 6 * MS);
	/* Of a program that is not the user's to observe from here on. */
	sum.kernel.cpu_ns = 10 * MS;
	assert_times(&process, 19 * MS, 6 * MS);
}

/* A field that is not in the rows limits nothing. */
static void times_that_were_not_shown_limit_nothing(void **state)
{
	struct account sum = {.kernel.cpu_ns = 7 * MS};
	struct process process = {.sum = &sum};

	sum.fields[TASK_USER_TICKS] = 4 * MS;
	fields_shown(&process, TASK_READ_CHARS);
	sum.fields[TASK_SYSTEM_TICKS] = 4 * MS;
	sum.kernel.cpu_ns = 8 * MS;
	assert_times(&process, 4 * MS, 4 * MS);
}

static void where_both_are_measured_nothing_is_divided(void **state)
{
	struct account sum = {.kernel.cpu_ns = 10};
	const struct process process = {.sum = &sum};

	sum.fields[TASK_USER_TICKS] = 4;
	sum.fields[TASK_SYSTEM_TICKS] = 5;
	sum.fields[TASK_USER_REPORTED] = sum.fields[TASK_SYSTEM_REPORTED] = TASK_FIELD_NONE;
	assert_int_equal(field_value(&process, TASK_USER_TICKS, 0).u64, 4);
	assert_int_equal(field_value(&process, TASK_SYSTEM_TICKS, 0).u64, 5);
}

static void what_is_not_kept_has_no_value(void **state)
{
	struct account sum = {.kernel.cpu_ns = 0};
	const struct process process = {.sum = &sum};

	fields_clear(sum.fields);
	assert_int_equal(field_value(&process, TASK_BLOCK_WAIT, 0).type, VALUE_NONE);
	assert_int_equal(field_value(&process, TASK_USER_TICKS, 0).type, VALUE_NONE);
	assert_int_equal(field_value(&process, FIELD_CPU_TIME, 0).type, VALUE_U64);
}

/* Of 6.18: 4.7 hours of a process of 0.2 s. */
static void a_wait_longer_than_the_life_has_no_value(void **state)
{
	struct account sum = {.counters_n = 0};
	struct process process = {
		.sum = &sum,
		.id = {.start_ns = 1000 * MS},
		.threads_n = 1,
		.is_complete = true,
		.end_ns = 1200 * MS,
	};

	sum.fields[TASK_BLOCK_WAIT] = 199 * MS;
	assert_int_equal(field_value(&process, TASK_BLOCK_WAIT, 0).u64, 199 * MS);
	sum.fields[TASK_BLOCK_WAIT] = 17139256 * MS;
	assert_int_equal(field_value(&process, TASK_BLOCK_WAIT, 0).type, VALUE_NONE);
	process.threads_n = 64;
	sum.fields[TASK_BLOCK_WAIT] = 64 * 199 * MS;
	assert_int_equal(field_value(&process, TASK_BLOCK_WAIT, 0).u64, 64 * 199 * MS);
}

static void a_wall_time_ends_with_the_process_or_now(void **state)
{
	struct account sum = {0};
	struct process process = {.sum = &sum, .begin_ns = 100, .end_ns = 150};

	assert_int_equal(field_value(&process, FIELD_WALL_TIME, 170).u64, 70);
	assert_int_equal(field_value(&process, FIELD_WALL_TIME, 90).u64, 0);
	process.is_complete = true;
	assert_int_equal(field_value(&process, FIELD_WALL_TIME, 170).u64, 50);
}

/* The command shared the agent's memory before its exec. */
static void a_peak_that_may_be_the_agents_is_an_estimate(void **state)
{
	struct account sum = {0};
	struct process process = {.sum = &sum, .shared_rss = 4096};

	sum.fields[TASK_PEAK_RSS] = 4096;
	assert_true(field_value(&process, TASK_PEAK_RSS, 0).estimated == 4096);
	sum.fields[TASK_PEAK_RSS] = 8192;
	assert_true(field_value(&process, TASK_PEAK_RSS, 0).estimated == 0);
}

static void every_field_can_be_found_by_its_names(void **state)
{
	uint32_t named = 0, found;

	for (uint32_t i = 0; i < FIELDS_N; i++) {
		const struct field *field = &process_fields[i];

		assert_true(i < TASK_FIELDS_N || field->value);
		if (!field->name)
			continue;
		named++;
		assert_non_null(field->unit);
		assert_memory_equal(field->metric, "process_", 8);
		assert_true(field_find(field->name, &found));
		assert_int_equal(found, i);
		assert_true(field_find(field->metric, &found));
		assert_int_equal(found, i);
	}
	assert_true(named >= 13);
	assert_false(field_find("peak", &found));
	assert_false(field_find("", &found));
}

/* --- what the kernel keeps -------------------------------------------------------------------- */

static void write_file(const char *root, const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void what_the_kernel_lacks_is_named(void **state)
{
	char root[] = "/tmp/fields-test-XXXXXX", path[256];
	const char *why, *remedy;

	assert_non_null(mkdtemp(root));
	snprintf(path, sizeof(path), "%s/self", root);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/sys", root);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/sys/kernel", root);
	assert_int_equal(mkdir(path, 0700), 0);

	assert_true(field_is_missing(TASK_READ_BYTES, root, &why, &remedy));
	assert_non_null(strstr(why, "CONFIG_TASK_IO_ACCOUNTING"));
	assert_true(field_is_missing(TASK_RUNQUEUE_WAIT, root, &why, &remedy));
	assert_false(field_is_missing(TASK_BLOCK_WAIT, root, &why, &remedy)); /* before 5.14 */
	assert_false(field_is_missing(TASK_PEAK_RSS, root, &why, &remedy));
	write_file(root, "self/io", "");
	write_file(root, "self/schedstat", "");
	write_file(root, "sys/kernel/task_delayacct", "0\n");
	assert_false(field_is_missing(TASK_WRITE_CHARS, root, &why, &remedy));
	assert_false(field_is_missing(TASK_RUNQUEUE_WAIT, root, &why, &remedy));
	assert_true(field_is_missing(TASK_BLOCK_WAIT, root, &why, &remedy));
	assert_non_null(strstr(remedy, "sysctl kernel.task_delayacct=1"));
	write_file(root, "sys/kernel/task_delayacct", "1\n");
	assert_false(field_is_missing(TASK_BLOCK_WAIT, root, &why, &remedy));
	snprintf(path, sizeof(path), "rm -r %s", root);
	assert_int_equal(system(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_are_added_and_peaks_compared),
		cmocka_unit_test(user_and_system_time_are_the_clock_divided_as_the_ticks),
		cmocka_unit_test(times_that_were_shown_do_not_go_down),
		cmocka_unit_test(times_that_were_not_shown_limit_nothing),
		cmocka_unit_test(where_both_are_measured_nothing_is_divided),
		cmocka_unit_test(what_is_not_kept_has_no_value),
		cmocka_unit_test(a_wait_longer_than_the_life_has_no_value),
		cmocka_unit_test(a_wall_time_ends_with_the_process_or_now),
		cmocka_unit_test(a_peak_that_may_be_the_agents_is_an_estimate),
		cmocka_unit_test(every_field_can_be_found_by_its_names),
		cmocka_unit_test(what_the_kernel_lacks_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
