/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The points that the perf source makes of processes, as an output is given them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <time.h>

#include "perf_rows_support.h"

static void each_event_has_a_row_from_where_it_is_counted(void **state)
{
	struct fixture *f = *state;

	use(f, (struct rows_settings){0});
	set_counters(f, 1000, 24, 3);
	f->sum->kernel =
		(struct kernel_counts){.cpu_ns = 5, .context_switches = 6, .migrations = 7};
	assert_int_equal(rows_counted(f->rows, &f->process, 1), 0);
	assert_printed(f, "perf_cycles=1024\nperf_time=5\nperf_switches=6\nperf_migrations=7\n"
	                  "perf_faults=3\n");
	assert_true(f->printer.all_of_process);
	assert_int_equal(f->printer.last_consumer, 4711);
}

static void values_stay_cumulative(void **state)
{
	struct fixture *f = *state;

	use(f, (struct rows_settings){0});
	set_counters(f, 1, 0, 10);
	rows_counted(f->rows, &f->process, 1);
	assert_printed(f, "perf_cycles=1\nperf_time=0\nperf_switches=0\nperf_migrations=0\n"
	                  "perf_faults=10\n");
	set_counters(f, 3, 1, 10);
	rows_counted(f->rows, &f->process, 2);
	assert_printed(f, "perf_cycles=4\nperf_time=0\nperf_switches=0\nperf_migrations=0\n"
	                  "perf_faults=10\n");
}

static void deltas_are_what_came_since_the_row_before(void **state)
{
	struct fixture *f = *state;

	use(f, (struct rows_settings){.delta = true});
	set_counters(f, 1, 0, 10);
	f->sum->kernel.cpu_ns = 100;
	rows_counted(f->rows, &f->process, 1);
	assert_printed(f, "perf_cycles=1\nperf_time=100\nperf_switches=0\nperf_migrations=0\n"
	                  "perf_faults=10\n");
	set_counters(f, 3, 1, 10);
	f->sum->kernel.cpu_ns = 101;
	rows_counted(f->rows, &f->process, 2);
	assert_printed(f, "perf_cycles=3\nperf_time=1\nperf_switches=0\nperf_migrations=0\n"
	                  "perf_faults=0\n");
}

static void per_pmu_there_is_a_row_for_each(void **state)
{
	struct fixture *f = *state;

	use(f, (struct rows_settings){.per_pmu = true, .delta = true});
	set_counters(f, 1000, 24, 3);
	f->sum->counters[1].running_ns = 50;
	f->sum->kernel.cpu_ns = 10;
	rows_counted(f->rows, &f->process, 1);
	assert_printed(f, "perf_cycles=1000{pmu=cpu_core}\n"
	                  "perf_cycles=48{pmu=cpu_atom,scaled=0.5}\n"
	                  "perf_time=10\nperf_switches=0\nperf_migrations=0\nperf_faults=3\n");
	set_counters(f, 1001, 48, 5);
	rows_counted(f->rows, &f->process, 2);
	assert_printed(f, "perf_cycles=1{pmu=cpu_core}\nperf_cycles=0{pmu=cpu_atom}\n"
	                  "perf_time=0\nperf_switches=0\nperf_migrations=0\nperf_faults=2\n");
}

static void lives_have_the_values_of_the_rows(void **state)
{
	struct fixture *f = *state;

	use(f, (struct rows_settings){.per_pmu = true, .delta = true});
	set_counters(f, 1000, 24, 0);
	f->sum->counters[2].running_ns = 0;
	f->sum->kernel.cpu_ns = 9;
	assert_int_equal(rows_value(f->rows, &f->process, 0, 1).type, VALUE_U64);
	assert_int_equal(rows_value(f->rows, &f->process, 0, 1).u64, 1024);
	assert_int_equal(rows_value(f->rows, &f->process, 1, 1).u64, 9);
	assert_int_equal(rows_value(f->rows, &f->process, 4, 1).type, VALUE_NONE);
}

/* Of what the kernel keeps, a time has a unit, and a peak no difference. */
static void what_the_kernel_keeps_has_rows_too(void **state)
{
	static struct event kept[] = {
		{.metric = (char *)"process_peak_rss",
	         .origin = EVENT_FROM_KERNEL,
	         .field = TASK_PEAK_RSS,
	         .unit = &UNIT_BYTE},
		{.metric = (char *)"process_wall_time",
	         .origin = EVENT_FROM_KERNEL,
	         .field = FIELD_WALL_TIME,
	         .unit = &UNIT_NANOSECOND},
		{.metric = (char *)"process_block_wait",
	         .origin = EVENT_FROM_KERNEL,
	         .field = TASK_BLOCK_WAIT,
	         .unit = &UNIT_NANOSECOND},
	};
	static const struct event_list list = {.events = kept, .n = 3};
	struct fixture *f = *state;

	use_events(f, &list, (struct rows_settings){.delta = true});
	assert_ptr_equal(metric_get(f->metrics, rows_metric(f->rows, 0))->unit, &UNIT_BYTE);
	f->process.begin_ns = 100;
	f->sum->fields[TASK_PEAK_RSS] = 4096;
	f->sum->fields[TASK_BLOCK_WAIT] = TASK_FIELD_NONE;
	rows_counted(f->rows, &f->process, 150);
	rows_counted(f->rows, &f->process, 160);
	assert_printed(f, "process_peak_rss=4096\nprocess_wall_time=50\nprocess_block_wait=\n"
	                  "process_peak_rss=4096\nprocess_wall_time=10\nprocess_block_wait=\n");
	f->process.shared_rss = 4096;
	rows_counted(f->rows, &f->process, 160);
	assert_printed(f, "process_peak_rss=4096{estimated=4096}\nprocess_wall_time=0\n"
	                  "process_block_wait=\n");
}

static void a_time_is_of_the_clock_that_users_read(void **state)
{
	struct fixture *f = *state;
	struct timespec monotonic, realtime;
	int64_t difference;

	use(f, (struct rows_settings){0});
	clock_gettime(CLOCK_MONOTONIC, &monotonic);
	clock_gettime(CLOCK_REALTIME, &realtime);
	rows_counted(f->rows, &f->process,
	             (uint64_t)monotonic.tv_sec * 1000000000 + (uint64_t)monotonic.tv_nsec);
	assert_int_equal(pipeline_flush(f->pipeline), 0);
	difference = (int64_t)(f->printer.last_time_ns - ((uint64_t)realtime.tv_sec * 1000000000 +
	                                                  (uint64_t)realtime.tv_nsec));
	assert_true(difference > -100000000 && difference < 100000000);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
	const struct CMUnitTest tests[] = {
		TEST(each_event_has_a_row_from_where_it_is_counted),
		TEST(values_stay_cumulative),
		TEST(deltas_are_what_came_since_the_row_before),
		TEST(per_pmu_there_is_a_row_for_each),
		TEST(lives_have_the_values_of_the_rows),
		TEST(what_the_kernel_keeps_has_rows_too),
		TEST(a_time_is_of_the_clock_that_users_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
