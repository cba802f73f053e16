/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The energy of processes adds up exactly, whatever comes in. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#include "energy_support.h"
#include "unit/random_numbers.h"

static uint64_t any(uint64_t below)
{
	return random_u64() % below;
}

/* Intervals without energy, without weight, of no length; processes that come and go. */
static void random_series_add_up(void **state)
{
	for (int window = 0; window < 3000; window++) {
		const uint64_t ns = any(8) ? 1 + any(100 * MS) : 1;
		uint64_t known = 0;

		push_energy(any(5) ? any(1 << 20) : 0);
		for (uint32_t pid = 1; pid < PIDS; pid++) {
			const uint64_t weight = any(3) ? 0 : any(1ULL << any(50));

			known += weight;
			if (weight)
				push_weight(pid, weight);
			if (any(40) == 0)
				end_process(pid);
		}
		/* Now and then the CPU's reading is behind the processes'. */
		push_cpu(any(10) ? known + any(1ULL << any(50)) : known / 2, any(2 * ns));
		end_window(ns, any(4) == 0);
	}
	end_window(1, true);
	assert_true(sum_of_all() == run->pushed);
}

static void two_to_one_by_weight(void **state)
{
	push_energy(4000);
	push_weight(1, 200);
	push_weight(2, 100);
	push_cpu(400, 50 * MS);
	end_window(50 * MS, true);
	assert_int_equal(run->of_processes[1], 2000);
	assert_int_equal(run->of_processes[2], 1000);
	assert_int_equal(run->other, 1000);
	assert_int_equal(run->idle, 0);
}

/*
 * With weights of 2:1 and misses of 1:3, of 500 in all. Without misses memory goes by the weights.
 */
static void memory_is_shared_by_misses(void **state)
{
	for (int counted = 1; counted >= 0; counted--) {
		memset(run->of_dram, 0, sizeof(run->of_dram));
		run->domain = "dram";
		push_scale();
		push(run->counts, RESOURCE_CPU_PACKAGE, 0, 0, 4000);
		run->domain = "package";
		push_energy(4000);
		push_weight(1, 200);
		push_weight(2, 100);
		push_cpu(400, 50 * MS);
		if (counted) {
			push(run->process_misses, RESOURCE_CPU_PACKAGE, 0, 1, 100);
			push(run->process_misses, RESOURCE_CPU_PACKAGE, 0, 2, 300);
			push(run->cpu_misses, RESOURCE_CPU_CORE, 0, 0, 500);
		}
		end_window(50 * MS, true);
		assert_int_equal(run->of_dram[1], counted ? 800 : 2000);
		assert_int_equal(run->of_dram[2], counted ? 2400 : 1000);
	}
	assert_int_equal(run->of_processes[1], 4000);
	assert_int_equal(run->of_processes[2], 2000);
}

static void a_life_has_what_its_rows_have(void **state)
{
	for (int i = 0; i < 5; i++) {
		push_energy(1000);
		push_weight(1, 30);
		push_cpu(40, 50 * MS);
		if (i == 4)
			end_process(1);
		end_window(50 * MS, false);
	}
	assert_int_equal(run->of_processes[1], 5 * 750);
	assert_true(run->life_joules[1] == 5 * 750 / PER_JOULE);
	/* Its pid may come again: what it had is gone. */
	push_energy(1000);
	push_weight(1, 10);
	push_cpu(10, 50 * MS);
	end_process(1);
	end_window(50 * MS, true);
	assert_true(run->life_joules[1] == 1000 / PER_JOULE);
}

static void rows_tell_the_life_of_a_pid(void **state)
{
	push_energy(1000);
	push_weight(SECOND_LIFE, 10);
	push_cpu(10, 50 * MS);
	end_window(50 * MS, true);
	assert_int_equal(run->last_life, 2);
	push_energy(1000);
	push_weight(1, 10);
	push_cpu(10, 50 * MS);
	end_window(50 * MS, true);
	assert_int_equal(run->last_life, 0);
}

static void without_energy_counters_there_is_nothing_to_do(void **state)
{
	struct metric_registry *metrics = metric_registry_new();
	const struct transform_context context = {
		.metrics = metrics, .pipeline = run->pipeline, .absence = ABSENCE_SILENT};
	struct transform *transform;

	assert_int_equal(energy_plugin.transform->open(&run->settings, &context, &transform), -19);
	metric_registry_free(metrics);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(random_series_add_up, set_up_time, tear_down),
		cmocka_unit_test_setup_teardown(random_series_add_up, set_up_watts, tear_down),
		cmocka_unit_test_setup_teardown(random_series_add_up, set_up_none, tear_down),
		cmocka_unit_test_setup_teardown(two_to_one_by_weight, set_up_none, tear_down),
		cmocka_unit_test_setup_teardown(memory_is_shared_by_misses, set_up_none, tear_down),
		cmocka_unit_test_setup_teardown(a_life_has_what_its_rows_have, set_up_none,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(rows_tell_the_life_of_a_pid, set_up_none,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(without_energy_counters_there_is_nothing_to_do,
	                                        set_up_none, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
