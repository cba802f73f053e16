/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the source makes of readings over time: intervals, wrap guard, totals, late ticks. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <time.h>

#include "core/clock.h"
#include "unit/rapl_run.h"

#define RANGE UINT64_C(262143328850)
#define MS NSEC_PER_MSEC

static int set_up(void **state)
{
	return run_set_up(state, RAPL_POWERCAP);
}

static void pass_ms(unsigned int ms)
{
	const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};

	nanosleep(&pause, NULL);
}

static void intervals_are_the_settings(void **state)
{
	struct run *run = *state;

	root_zone(&run->root, "intel-rapl:0", "package-0", 0, RANGE);
	run->settings.poll_interval_ns = 250 * MS;
	run->settings.flush_interval_ns = 3 * NSEC_PER_SEC;
	run_open_and_start(run);
	assert_int_equal(run->source->poll_interval_ns, 250 * MS);
	assert_int_equal(run->source->flush_interval_ns, 3 * NSEC_PER_SEC);
	assert_int_equal(run->source->fd, -1);
}

/* At 1 s between readings a counter of 1000 J could wrap twice; it is read more often. */
static void long_interval_is_cut_below_the_shortest_wrap(void **state)
{
	static const uint64_t intervals[] = {NSEC_PER_SEC, 3600 * NSEC_PER_SEC, 0};
	struct run *run = *state;

	root_zone(&run->root, "intel-rapl:0", "package-0", 0, RANGE);
	root_zone(&run->root, "intel-rapl:1", "package-1", 0, 1000000000);
	for (size_t i = 0; i < sizeof(intervals) / sizeof(*intervals); i++) {
		uint64_t interval = intervals[i];

		run->settings.poll_interval_ns = interval;
		assert_int_equal(run_open(run), 0);
		/* A socket of 1 kW needs a second. */
		assert_in_range(run->source->poll_interval_ns, 1, NSEC_PER_SEC / 2);
		/* As good as a whole part of the interval: the last reading of each is on time. */
		if (interval)
			assert_true(interval % run->source->poll_interval_ns <
			            interval / run->source->poll_interval_ns);
		rapl_source.close(run->source);
		run->source = NULL;
	}
}

static void widest_interval_is_cut_at_a_usual_range_too(void **state)
{
	struct run *run = *state;

	root_zone(&run->root, "intel-rapl:0", "package-0", 0, RANGE);
	run->settings.poll_interval_ns = 24 * 3600 * NSEC_PER_SEC;
	assert_int_equal(run_open(run), 0);
	/* 262 kJ at 1 kW are 262 s. */
	assert_in_range(run->source->poll_interval_ns, NSEC_PER_SEC, 131 * NSEC_PER_SEC);
}

static void guard_reading_adds_up_and_makes_no_row(void **state)
{
	struct run *run = *state;

	/* 1000000 is the largest value: from one 0 to the next it counts 1000001. */
	root_zone(&run->root, "intel-rapl:0", "package-0", 900000, 1000000);
	run->settings.poll_interval_ns = 3600 * NSEC_PER_SEC;
	run_open_and_start(run);
	/* Around the counter's whole range twice, in readings that the agent makes on its own. */
	for (unsigned int i = 1; i <= 10; i++) {
		root_energy(&run->root, "intel-rapl:0", (900000 + i * 250000) % 1000001);
		run_poll(run);
	}
	assert_int_equal(run->n_seen, 0);
	run_stop(run);
	assert_int_equal(run->n_seen, 1);
	assert_int_equal(run_uj(run, "package", 0), 2500000);
}

static void interval_of_zero_makes_one_row_at_the_end(void **state)
{
	struct run *run = *state;

	root_zone(&run->root, "intel-rapl:0", "package-0", 0, RANGE);
	run->settings.poll_interval_ns = 0;
	run_open_and_start(run);
	root_energy(&run->root, "intel-rapl:0", 10);
	run_poll(run);
	root_energy(&run->root, "intel-rapl:0", 30);
	run_poll(run);
	assert_int_equal(run->n_seen, 0);
	run_stop(run);
	assert_int_equal(run->n_seen, 1);
	assert_int_equal(run_uj(run, "package", 0), 30);
}

static void each_interval_makes_its_row(void **state)
{
	struct run *run = *state;
	uint64_t before, after;

	root_zone(&run->root, "intel-rapl:0", "package-0", 0, RANGE);
	run->settings.poll_interval_ns = 5 * MS;
	run_open_and_start(run);
	before = clock_to_realtime(clock_monotonic_ns());
	for (unsigned int i = 1; i <= 4; i++) {
		root_energy(&run->root, "intel-rapl:0", i * i);
		pass_ms(5);
		run_poll(run);
	}
	root_energy(&run->root, "intel-rapl:0", 116);
	run_stop(run);
	after = clock_to_realtime(clock_monotonic_ns());
	assert_int_equal(run->n_seen, 5);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(llround(run->seen[i].joules * 1e6), 2 * i + 1);
	assert_int_equal(llround(run->seen[4].joules * 1e6), 100);
	for (size_t i = 0; i < 5; i++) {
		assert_in_range(run->seen[i].time_ns, before, after);
		assert_true(i == 0 || run->seen[i].time_ns > run->seen[i - 1].time_ns);
	}
}

static void short_command_has_its_row(void **state)
{
	struct run *run = *state;

	root_zone(&run->root, "intel-rapl:0", "package-0", 10, RANGE);
	run_open_and_start(run);
	root_energy(&run->root, "intel-rapl:0", 11);
	run_stop(run);
	assert_int_equal(run->n_seen, 1);
	assert_int_equal(run_uj(run, "package", 0), 1);
}

static void values_are_the_nearest_doubles(void **state)
{
	struct run *run = *state;

	root_zone(&run->root, "intel-rapl:0", "package-0-die-0", 0, RANGE);
	root_zone(&run->root, "intel-rapl:1", "package-0-die-1", 0, RANGE);
	root_zone(&run->root, "intel-rapl:2", "package-1", 0, RANGE);
	run_open_and_start(run);
	root_energy(&run->root, "intel-rapl:0", 100000);
	root_energy(&run->root, "intel-rapl:1", 200000);
	root_energy(&run->root, "intel-rapl:2", 50306030);
	run_stop(run);
	assert_true(run->seen[0].joules == 0.3); /* not 0.1 + 0.2 */
	assert_true(run->seen[1].joules == 50.30603);
}

static void totals_are_over_all_packages(void **state)
{
	struct run *run = *state;

	root_zone(&run->root, "intel-rapl:0", "package-0", 0, RANGE);
	root_zone(&run->root, "intel-rapl:0:0", "dram", 0, RANGE);
	root_zone(&run->root, "intel-rapl:1", "package-1", 0, RANGE);
	root_zone(&run->root, "intel-rapl:1:0", "dram", 0, RANGE);
	run->settings.emit_totals = true;
	run->settings.poll_interval_ns = 1;
	run_open_and_start(run);
	root_energy(&run->root, "intel-rapl:0", 1);
	root_energy(&run->root, "intel-rapl:1", 10);
	root_energy(&run->root, "intel-rapl:1:0", 100);
	run_poll(run);
	root_energy(&run->root, "intel-rapl:0", 1001);
	run_stop(run);
	assert_int_equal(run_rows(run, "package_total", 0, ""), 2);
	assert_int_equal(run_uj(run, "package_total", 0), 1011);
	assert_int_equal(run_uj(run, "dram_total", 0), 100);
	assert_int_equal(run_uj(run, "package", 0), 1001);
	assert_int_equal(run_rows(run, "pp0_total", 0, NULL), 0);
	for (size_t i = 0; i < run->n_seen; i++)
		if (strstr(run->seen[i].domain, "_total"))
			assert_int_equal(run->seen[i].resource, RESOURCE_LOCAL_MACHINE);
}

static void single_die_is_die_0_on_demand(void **state)
{
	struct run *run = *state;

	root_zone(&run->root, "intel-rapl:0", "package-0", 0, RANGE);
	root_zone(&run->root, "intel-rapl:1", "psys", 0, RANGE);
	run->settings.per_die = true;
	run_open_and_start(run);
	run_stop(run);
	assert_int_equal(run_rows(run, "package", 0, "0"), 1);
	assert_int_equal(run_rows(run, "platform", 0, ""), 1);
}

static void late_ticks_are_counted_and_not_caught_up(void **state)
{
	struct run *run = *state;

	root_zone(&run->root, "intel-rapl:0", "package-0", 0, RANGE);
	run->settings.poll_interval_ns = 10 * MS;
	run_open_and_start(run);
	pass_ms(10);
	run_poll(run);
	pass_ms(52);
	run_poll(run);
	root_energy(&run->root, "intel-rapl:0", 1);
	run_stop(run);
	assert_int_equal(run->n_seen, 3);
	/* At least four of the five ticks of the long pause; more on a slow machine. */
	assert_non_null(strstr(run->report, "readings came too late"));
	assert_true(atoi(run->report + strlen("rapl: ")) >= 4);
}

static void counters_that_stand_at_zero_are_reported(void **state)
{
	struct run *run = *state;

	root_zone(&run->root, "intel-rapl:0", "package-0", 0, RANGE);
	run_open_and_start(run);
	pass_ms(120);
	run_stop(run);
	assert_non_null(strstr(run->report, "every energy counter (powercap) read 0"));
}

static void graphics_that_only_rest_are_not_reported(void **state)
{
	struct run *run = *state;

	root_zone(&run->root, "intel-rapl:0", "package-0", 77, RANGE);
	root_zone(&run->root, "intel-rapl:0:0", "uncore", 0, RANGE);
	run_open_and_start(run);
	pass_ms(120);
	root_energy(&run->root, "intel-rapl:0", 78);
	run_stop(run);
	assert_string_equal(run->report, "");
}

static void settings_end_with_an_empty_key(void **state)
{
	size_t n = 0;

	while (rapl_plugin.settings[n].key)
		n++;
	assert_int_equal(n, 7);
	assert_int_equal(rapl_plugin.settings_size, sizeof(struct rapl_settings));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, run_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(intervals_are_the_settings),
		TEST(long_interval_is_cut_below_the_shortest_wrap),
		TEST(widest_interval_is_cut_at_a_usual_range_too),
		TEST(guard_reading_adds_up_and_makes_no_row),
		TEST(interval_of_zero_makes_one_row_at_the_end),
		TEST(each_interval_makes_its_row),
		TEST(short_command_has_its_row),
		TEST(values_are_the_nearest_doubles),
		TEST(totals_are_over_all_packages),
		TEST(single_die_is_die_0_on_demand),
		TEST(late_ticks_are_counted_and_not_caught_up),
		TEST(counters_that_stand_at_zero_are_reported),
		TEST(graphics_that_only_rest_are_not_reported),
		TEST(settings_end_with_an_empty_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
