/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Points whose values are scaled, estimated, or missing. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#include "perf_rows_support.h"

static const struct event_list faults = {.events = &events[4], .n = 1};

static void set_estimated(struct fixture *f, const __u64 *estimated)
{
	memcpy(account_estimated(f->sum), estimated, COUNTERS * sizeof(*estimated));
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
	struct fixture *f = *state;

	use_events(f, &faults, (struct rows_settings){.delta = true});
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

/* A process that sleeps all the time that it is watched has counted 0; an ended one has run. */
static void who_has_not_run_has_counted_0(void **state)
{
	struct fixture *f = *state;

	use(f, (struct rows_settings){0});
	for (size_t i = 0; i < COUNTERS; i++)
		f->sum->counters[i] = (struct counter){0, 0, 0};
	rows_counted(f->rows, &f->process, 1);
	assert_printed(f, "perf_cycles=0\nperf_time=0\nperf_switches=0\nperf_migrations=0\n"
	                  "perf_faults=0\n");
	assert_int_equal(rows_value(f->rows, &f->process, 4, 1).type, VALUE_U64);
	f->process.is_complete = true;
	assert_int_equal(rows_value(f->rows, &f->process, 4, 1).type, VALUE_NONE);
	f->process.is_complete = false;
	f->process.is_hidden = true;
	assert_int_equal(rows_value(f->rows, &f->process, 4, 1).type, VALUE_NONE);
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
		const struct event_list list = {.events = &loads[delta], .n = 1};
		struct fixture *f = *state;

		use_events(f, &list, (struct rows_settings){.delta = delta});
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
	struct fixture *f = *state;

	use_events(f, &list, (struct rows_settings){.per_pmu = true});
	f->sum->counters[0] = (struct counter){7, 100, 100};
	f->sum->counters[1] = (struct counter){0, 0, 0};
	rows_counted(f->rows, &f->process, 1);
	assert_printed(f, "perf_cycles=7{pmu=cpu_core}\nperf_cycles=0{pmu=cpu_atom}\n");
	/*
	 * It has run somewhere: if neither counted, its readings are missing, and so is its value.
	 */
	f->sum->kernel.cpu_ns = 100;
	f->sum->counters[0] = (struct counter){0, 0, 0};
	assert_int_equal(rows_value(f->rows, &f->process, 0, 1).type, VALUE_NONE);
}

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
	struct fixture *f = *state;

	use_events(f, &faults, (struct rows_settings){.delta = true});
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

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
	const struct CMUnitTest tests[] = {
		TEST(deltas_of_an_estimate_that_shrinks_add_up),
		TEST(a_counter_that_never_ran_has_an_empty_value),
		TEST(a_multiplexed_counter_tells_its_share),
		TEST(as_counted_a_multiplexed_counter_is_not_scaled),
		TEST(who_has_not_run_has_counted_0),
		TEST(a_pmu_that_was_never_run_on_has_counted_0),
		TEST(per_pmu_the_one_that_was_never_run_on_has_counted_0),
		TEST(a_value_tells_by_how_much_it_may_be_wrong),
		TEST(a_delta_tells_by_how_much_it_may_be_wrong),
		TEST(the_event_of_which_most_is_estimated_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
