/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The points that the perf source makes of processes, as an output is given them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/metric_registry.h"
#include "core/pipeline.h"
#include "sources/perf/fields.h"
#include "sources/perf/process_rows.h"
#include "sources/perf/rows.h"
#include "unit/point_printer.h"

/* --- what is counted -------------------------------------------------------------------------- */

static struct event_instance cycles_pmus[] = {{.pmu = (char *)"cpu_core"},
                                              {.pmu = (char *)"cpu_atom"}};
static struct event_instance faults_pmus[] = {{.pmu = NULL}};

static struct event events[] = {
	{.metric = (char *)"perf_cycles", .instances = cycles_pmus, .n_instances = 2},
	{.metric = (char *)"perf_time", .origin = EVENT_FROM_KERNEL, .field = FIELD_CPU_TIME},
	{.metric = (char *)"perf_switches",
         .origin = EVENT_FROM_KERNEL,
         .field = FIELD_CONTEXT_SWITCHES},
	{.metric = (char *)"perf_migrations",
         .origin = EVENT_FROM_KERNEL,
         .field = FIELD_MIGRATIONS},
	{.metric = (char *)"perf_faults",
         .label = (char *)"faults",
         .instances = faults_pmus,
         .n_instances = 1},
};

#define COUNTERS 3 /* of cycles two, of faults one */
#define WEIGHTS 2  /* behind them, in every account; no event's */

static const struct event_list event_list = {.events = events, .n = 5};

struct fixture {
	struct pipeline *pipeline;
	struct metric_registry *metrics;
	struct printer printer;
	struct process_rows *process_rows;
	struct rows *rows;
	struct process process;
	struct account *sum;
};

static int make(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->metrics = metric_registry_new();
	f->pipeline = pipeline_new(NULL);
	printer_init(&f->printer, f->metrics);
	pipeline_add_output(f->pipeline, &f->printer.output);
	assert_int_equal(process_rows_new(&(struct process_rows_settings){0}, f->pipeline,
	                                  f->metrics, &f->process_rows),
	                 0);
	f->sum = calloc(1, sizeof(*f->sum) +
	                           (COUNTERS + WEIGHTS) * (sizeof(struct counter) + sizeof(__u64)));
	f->sum->counters_n = COUNTERS + WEIGHTS;
	for (size_t i = 0; i < WEIGHTS; i++)
		f->sum->counters[COUNTERS + i].count = 1000000;
	f->process = (struct process){.id = {.pid = 4711, .start_ns = 1}, .sum = f->sum};
	*state = f;
	return 0;
}

static int unmake(void **state)
{
	struct fixture *f = *state;

	rows_free(f->rows);
	process_rows_free(f->process_rows);
	pipeline_free(f->pipeline);
	metric_registry_free(f->metrics);
	free(f->sum);
	free(f->process.user);
	free(f);
	return 0;
}

static void use(struct fixture *f, struct rows_settings settings)
{
	assert_int_equal(rows_new(&event_list, &settings, f->process_rows, f->pipeline, f->metrics,
	                          &f->rows),
	                 0);
}

/* What was printed since the last time. */
static void assert_printed(struct fixture *f, const char *expected)
{
	assert_int_equal(pipeline_flush(f->pipeline), 0);
	assert_printed_by(&f->printer, expected);
}

static void set_counters(struct fixture *f, uint64_t core, uint64_t atom, uint64_t faults)
{
	f->sum->counters[0] = (struct counter){core, 100, 100};
	f->sum->counters[1] = (struct counter){atom, 100, 100};
	f->sum->counters[2] = (struct counter){faults, 200, 200};
}

static void set_estimated(struct fixture *f, const __u64 *estimated)
{
	memcpy(account_estimated(f->sum), estimated, COUNTERS * sizeof(*estimated));
}

/* --- values ----------------------------------------------------------------------------------- */

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

/* An estimate may shrink; a delta cannot be less than 0, and all deltas are the last estimate. */
static void deltas_of_an_estimate_that_shrinks_add_up(void **state)
{
	static const struct {
		uint64_t count, enabled_ns, running_ns;
		const char *expected;
	} steps[] = {
		{100, 100, 50, "perf_faults=200{scaled=0.5}\n"},
		{100, 120, 80, "perf_faults=0{scaled=0.6667}\n"},
		{200, 200, 160, "perf_faults=50{scaled=0.8}\n"},
	};
	static const struct event_list faults = {.events = &events[4], .n = 1};
	const struct rows_settings settings = {.delta = true};
	struct fixture *f = *state;

	assert_int_equal(
		rows_new(&faults, &settings, f->process_rows, f->pipeline, f->metrics, &f->rows),
		0);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		f->sum->counters[0] =
			(struct counter){steps[i].count, steps[i].enabled_ns, steps[i].running_ns};
		rows_counted(f->rows, &f->process, i);
		assert_printed(f, steps[i].expected);
	}
}

static void a_counter_that_never_ran_has_an_empty_value(void **state)
{
	struct fixture *f = *state;

	for (int delta = 0; delta < 2; delta++) {
		rows_free(f->rows);
		metric_registry_free(f->metrics); /* of another kind there */
		f->printer.metrics = f->metrics = metric_registry_new();
		use(f, (struct rows_settings){.delta = delta});
		set_counters(f, 8, 0, 0);
		f->sum->counters[2] = (struct counter){0, 200, 0};
		rows_counted(f->rows, &f->process, 1);
		assert_printed(f, "perf_cycles=8\nperf_time=0\nperf_switches=0\n"
		                  "perf_migrations=0\nperf_faults={scaled=0}\n");
	}
}

static void a_multiplexed_counter_tells_its_share(void **state)
{
	struct fixture *f = *state;

	use(f, (struct rows_settings){0});
	f->sum->counters[0] = (struct counter){10, 300, 100};
	f->sum->counters[1] = (struct counter){10, 100, 100};
	f->sum->counters[2] = (struct counter){1, 10000000, 1};
	rows_counted(f->rows, &f->process, 1);
	assert_printed(f, "perf_cycles=40{scaled=0.5}\nperf_time=0\nperf_switches=0\n"
	                  "perf_migrations=0\nperf_faults=10000000{scaled=1e-07}\n");
}

static void as_counted_a_multiplexed_counter_is_not_scaled(void **state)
{
	struct fixture *f = *state;

	use(f, (struct rows_settings){.as_counted = true});
	f->sum->counters[0] = (struct counter){10, 300, 100};
	f->sum->counters[1] = (struct counter){10, 100, 100};
	rows_counted(f->rows, &f->process, 1);
	assert_printed(f, "perf_cycles=20{scaled=0.5}\nperf_time=0\nperf_switches=0\n"
	                  "perf_migrations=0\nperf_faults=\n");
	assert_int_equal(rows_value(f->rows, &f->process, 0, 1).u64, 20);
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

/* A PMU of some CPUs that no thread has run on has counted 0; one that had no turn is not known. */
static void a_pmu_that_was_never_run_on_has_counted_0(void **state)
{
	static uint32_t atoms[] = {4, 5};
	static struct event_instance atom = {.pmu = (char *)"cpu_atom", .cpus = atoms, .n_cpus = 2};
	static struct event loads[] = {
		{.metric = (char *)"perf_loads", .instances = &atom, .n_instances = 1},
		{.metric = (char *)"perf_loads_since", .instances = &atom, .n_instances = 1}};

	for (int delta = 0; delta < 2; delta++) {
		const struct rows_settings settings = {.delta = delta};
		const struct event_list list = {.events = &loads[delta], .n = 1};
		struct fixture *f = *state;

		rows_free(f->rows);
		assert_int_equal(rows_new(&list, &settings, f->process_rows, f->pipeline,
		                          f->metrics, &f->rows),
		                 0);
		f->sum->counters[0] = (struct counter){0, 0, 0};
		rows_counted(f->rows, &f->process, 1);
		assert_printed(f, delta ? "perf_loads_since=0\n" : "perf_loads=0\n");
		assert_int_equal(rows_value(f->rows, &f->process, 0, 1).type, VALUE_U64);
		assert_int_equal(rows_value(f->rows, &f->process, 0, 1).u64, 0);
		f->sum->counters[0] = (struct counter){0, 100, 0};
		rows_counted(f->rows, &f->process, 1);
		assert_printed(f,
		               delta ? "perf_loads_since={scaled=0}\n" : "perf_loads={scaled=0}\n");
		assert_int_equal(rows_value(f->rows, &f->process, 0, 1).type, VALUE_NONE);
	}
}

static void per_pmu_the_one_that_was_never_run_on_has_counted_0(void **state)
{
	static uint32_t cores[] = {0, 1}, atoms[] = {4, 5};
	static struct event_instance pmus[] = {
		{.pmu = (char *)"cpu_core", .cpus = cores, .n_cpus = 2},
		{.pmu = (char *)"cpu_atom", .cpus = atoms, .n_cpus = 2}};
	static struct event cycles = {
		.metric = (char *)"perf_cycles", .instances = pmus, .n_instances = 2};
	static const struct event_list list = {.events = &cycles, .n = 1};
	const struct rows_settings settings = {.per_pmu = true};
	struct fixture *f = *state;

	assert_int_equal(
		rows_new(&list, &settings, f->process_rows, f->pipeline, f->metrics, &f->rows), 0);
	f->sum->counters[0] = (struct counter){7, 100, 100};
	f->sum->counters[1] = (struct counter){0, 0, 0};
	rows_counted(f->rows, &f->process, 1);
	assert_printed(f, "perf_cycles=7{pmu=cpu_core}\nperf_cycles=0{pmu=cpu_atom}\n");
	/*
	 * It has run somewhere: if neither counted, its readings are missing, and so is its value.
	 */
	f->sum->counters[0] = (struct counter){0, 0, 0};
	assert_int_equal(rows_value(f->rows, &f->process, 0, 1).type, VALUE_NONE);
}

/* --- estimates -------------------------------------------------------------------------------- */

static void a_value_tells_by_how_much_it_may_be_wrong(void **state)
{
	struct fixture *f = *state;

	use(f, (struct rows_settings){0});
	f->sum->slices = 2;
	f->sum->counters[0] = (struct counter){800, 300, 100}; /* scaled: 2400, 180 estimated */
	f->sum->counters[1] = (struct counter){600, 100, 100};
	f->sum->counters[2] = (struct counter){0, 200, 200};
	set_estimated(f, (__u64[]){60, 15, 48}); /* of 0, too: it may have had all of them */
	rows_counted(f->rows, &f->process, 1);
	assert_printed(f, "perf_cycles=3000{scaled=0.5,estimated=195}\nperf_time=0\n"
	                  "perf_switches=0\nperf_migrations=0\nperf_faults=0{estimated=48}\n");
}

static void a_delta_tells_by_how_much_it_may_be_wrong(void **state)
{
	static const struct event_list faults = {.events = &events[4], .n = 1};
	const struct rows_settings settings = {.delta = true};
	struct fixture *f = *state;

	assert_int_equal(
		rows_new(&faults, &settings, f->process_rows, f->pipeline, f->metrics, &f->rows),
		0);
	f->sum->counters[0] = (struct counter){100, 10, 10};
	rows_counted(f->rows, &f->process, 1);
	f->sum->slices = 1;
	f->sum->counters[0] = (struct counter){200, 20, 20};
	*account_estimated(f->sum) = 25;
	rows_counted(f->rows, &f->process, 2);
	f->sum->counters[0] = (struct counter){300, 30, 30};
	rows_counted(f->rows, &f->process, 3);
	assert_printed(f, "perf_faults=100\nperf_faults=100{estimated=25}\n"
	                  "perf_faults=100{estimated=0}\n");
}

static void the_event_of_which_most_is_estimated_is_named(void **state)
{
	struct fixture *f = *state;
	const char *label;

	use(f, (struct rows_settings){0});
	f->sum->slices = 1;
	set_counters(f, 100, 0, 50);
	set_estimated(f, (__u64[]){10, 0, 10});
	rows_add_to_totals(f->rows, &f->process);
	set_counters(f, 100, 0, 30);
	set_estimated(f, (__u64[]){10, 0, 0});
	rows_add_to_totals(f->rows, &f->process);
	assert_true(rows_most_estimated(f->rows, &label) == 0.125);
	assert_string_equal(label, "faults");
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
	const struct rows_settings settings = {.delta = true};
	struct fixture *f = *state;

	assert_int_equal(
		rows_new(&list, &settings, f->process_rows, f->pipeline, f->metrics, &f->rows), 0);
	assert_ptr_equal(metric_get(f->metrics, rows_metric(f->rows, 0))->unit, &UNIT_BYTE);
	f->process.begin_ns = 100;
	f->sum->fields[TASK_PEAK_RSS] = 4096;
	f->sum->fields[TASK_BLOCK_WAIT] = TASK_FIELD_NONE;
	rows_counted(f->rows, &f->process, 150);
	rows_counted(f->rows, &f->process, 160);
	assert_printed(f, "process_peak_rss=4096\nprocess_wall_time=50\nprocess_block_wait=\n"
	                  "process_peak_rss=4096\nprocess_wall_time=10\nprocess_block_wait=\n");
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
		TEST(deltas_of_an_estimate_that_shrinks_add_up),
		TEST(a_counter_that_never_ran_has_an_empty_value),
		TEST(a_multiplexed_counter_tells_its_share),
		TEST(as_counted_a_multiplexed_counter_is_not_scaled),
		TEST(per_pmu_there_is_a_row_for_each),
		TEST(a_pmu_that_was_never_run_on_has_counted_0),
		TEST(per_pmu_the_one_that_was_never_run_on_has_counted_0),
		TEST(a_value_tells_by_how_much_it_may_be_wrong),
		TEST(a_delta_tells_by_how_much_it_may_be_wrong),
		TEST(the_event_of_which_most_is_estimated_is_named),
		TEST(lives_have_the_values_of_the_rows),
		TEST(what_the_kernel_keeps_has_rows_too),
		TEST(a_time_is_of_the_clock_that_users_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
