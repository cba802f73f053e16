/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The energy of the idle machine, by time and by watts. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#include "energy_support.h"

static void the_run_ends_with_others_idle_and_total(void **state)
{
	size_t n;

	push_energy(4000);
	push_weight(1, 30);
	push_cpu(40, 25 * MS);
	end_window(50 * MS, true);
	push_energy(1000);
	end_window(50 * MS, false);
	pipeline_finish(run->pipeline);
	pipeline_figures(run->pipeline, &n);
	assert_int_equal(n, 3);
	assert_figure(0, "others", 500, NULL);
	assert_figure(1, "idle", 2000 + 1000, NULL);
	assert_figure(2, "total", 5000, "by cycles; idle by time");
	assert_true(sum_of_all() == run->pushed);
}

static void idle_by_time_is_the_idle_share(void **state)
{
	push_energy(1000);
	push_weight(1, 10);
	push_cpu(10, 10 * MS);
	end_window(40 * MS, true);
	assert_int_equal(run->idle, 750);
	assert_int_equal(run->of_processes[1], 250);
}

/* Half of the CPU is used at any time: the process has as much in each interval. */
static void weights_that_are_read_late_are_of_a_longer_time(void **state)
{
	static const uint64_t late_ms[] = {0, 40, 0};
	struct weight_plan *plan = pipeline_weight_plan(run->pipeline);
	uint64_t before_ns = run->now_ns;

	plan->weighed_ns = before_ns;
	end_window(0, false);
	for (uint64_t i = 0; i < 3; i++) {
		plan->weighed_ns = run->now_ns + (50 + late_ms[i]) * MS;
		push_energy(1000);
		push_weight(1, 10);
		push_cpu(10, (plan->weighed_ns - before_ns) / 2);
		before_ns = plan->weighed_ns;
		end_window(50 * MS, true);
		assert_int_equal(run->of_processes[1], 500 * (i + 1));
		assert_int_equal(run->idle, 500 * (i + 1));
	}
}

static void count_line(void *data, enum report_kind kind, const char *line)
{
	if (strstr(line, "lasted 125 ms on average, not 50 ms"))
		(*(int *)data)++;
}

static void intervals_are_long_by_cost_only_where_they_were_prolonged(void **state)
{
	int n = 0;

	for (int i = 0; i < 4; i++)
		end_window(500 * MS, false);
	energy_plugin.transform->report(run->transform, count_line, &n);
	assert_int_equal(n, 0);
	run->n_prolonged = 3;
	for (int i = 0; i < 4; i++)
		end_window(200 * MS, false);
	energy_plugin.transform->report(run->transform, count_line, &n);
	assert_int_equal(n, 1);
}

static void idle_by_watts_is_at_most_everything(void **state)
{
	/* 10 W for 50 ms are half a joule. */
	push_energy((uint64_t)PER_JOULE);
	push_weight(1, 10);
	push_cpu(10, 50 * MS);
	end_window(50 * MS, true);
	assert_int_equal(run->idle, (uint64_t)PER_JOULE / 2);
	assert_int_equal(run->of_processes[1], (uint64_t)PER_JOULE / 2);
	/* A counter that stands still, or was reset; a suspended machine. */
	push_energy(7);
	push_weight(1, 10);
	push_cpu(10, 50 * MS);
	end_window(50 * MS, true);
	assert_int_equal(run->idle, (uint64_t)PER_JOULE / 2 + 7);
	assert_true(sum_of_all() == run->pushed);
}

static void where_nothing_ran_all_is_idle(void **state)
{
	push_energy(1234);
	end_window(50 * MS, true);
	assert_int_equal(run->idle, 1234);
	assert_int_equal(sum_of_all(), 1234);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_run_ends_with_others_idle_and_total,
	                                        set_up_time, tear_down),
		cmocka_unit_test_setup_teardown(idle_by_time_is_the_idle_share, set_up_time,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(weights_that_are_read_late_are_of_a_longer_time,
	                                        set_up_time, tear_down),
		cmocka_unit_test_setup_teardown(
			intervals_are_long_by_cost_only_where_they_were_prolonged, set_up_time,
			tear_down),
		cmocka_unit_test_setup_teardown(idle_by_watts_is_at_most_everything, set_up_watts,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(where_nothing_ran_all_is_idle, set_up_none,
	                                        tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
