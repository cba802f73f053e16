/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How much room the programs get, by the CPUs that there are and may be. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "sources/perf/bpf/loading.h"
#include "sources/perf/bpf/programs.h"

static void cpus_that_never_come_get_no_room(void **state)
{
	assert_int_equal(programs_cpus_expected(1, 1), 1);
	assert_int_equal(programs_cpus_expected(2, 2), 2);
	assert_int_equal(programs_cpus_expected(1, 128), 8);
	assert_int_equal(programs_cpus_expected(4, 128), 8);
	assert_int_equal(programs_cpus_expected(64, 128), 128);
	assert_int_equal(programs_cpus_expected(256, 256), 256);
}

static void the_ring_has_a_part_for_each_cpu(void **state)
{
	assert_int_equal(programs_ring_bytes(1), 512 * 1024);
	assert_int_equal(programs_ring_bytes(8), 512 * 1024);
	assert_int_equal(programs_ring_bytes(9), 1024 * 1024);
	assert_int_equal(programs_ring_bytes(256), 16 * 1024 * 1024);
	assert_int_equal(programs_ring_bytes(1024), 16 * 1024 * 1024);
}

/* Records are put together by CPU number, among those that are expected; the others by any. */
static void what_is_by_cpu_number_has_room_for_all(void **state)
{
	const struct programs_request request = {
		.counters_n = 3, .cpus_n = 128, .cpus_expected = 8};

	assert_int_equal(loading_events(&request), 3 * 128);
	assert_int_equal(loading_changes(&request), 128);
	assert_true(loading_scratches(&request) == 8 || loading_scratches(&request) == 16);
}

/* Memory that is taken at once is for commands that make many tasks. */
static void the_reserve_is_for_commands_that_run_on(void **state)
{
	assert_false(programs_need_reserve(true, 49999999, 100000));
	assert_true(programs_need_reserve(true, 50000000, 0));
	assert_false(programs_need_reserve(false, 49999999, 100000));
	assert_false(programs_need_reserve(false, 3600000000000, 999));
	assert_true(programs_need_reserve(false, 50000000, 1000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cpus_that_never_come_get_no_room),
		cmocka_unit_test(the_ring_has_a_part_for_each_cpu),
		cmocka_unit_test(the_reserve_is_for_commands_that_run_on),
		cmocka_unit_test(what_is_by_cpu_number_has_room_for_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
