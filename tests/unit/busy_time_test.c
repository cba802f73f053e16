/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The busy time of a CPU, from times that are partly those of a clock that is ahead. */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "bpf/busy_time.h"

#define MSEC UINT64_C(1000000)

static void the_first_time_only_begins(void **test)
{
	struct cpu_state state = {.since_ns = 0};

	assert_int_equal(pass_time_until(&state, false, 5 * MSEC), 0);
	assert_int_equal(pass_time_until(&state, false, 7 * MSEC), 2 * MSEC);
	assert_int_equal(state.busy_ns, 2 * MSEC);
}

static void idle_time_is_not_busy(void **test)
{
	struct cpu_state state = {.since_ns = MSEC};

	assert_int_equal(pass_time_until(&state, true, 4 * MSEC), 0);
	assert_int_equal(pass_time_until(&state, false, 5 * MSEC), MSEC);
	assert_int_equal(state.busy_ns, MSEC);
}

static void a_time_before_the_last_one_counts_nothing_and_nothing_twice(void **test)
{
	struct cpu_state state = {.since_ns = MSEC};

	assert_int_equal(pass_time_until(&state, false, 10 * MSEC), 9 * MSEC);
	assert_int_equal(pass_time_until(&state, false, 8 * MSEC), 0);
	assert_int_equal(pass_time_until(&state, true, 9 * MSEC), 0);
	assert_int_equal(pass_time_until(&state, false, 12 * MSEC), 2 * MSEC);
	assert_int_equal(state.busy_ns, 11 * MSEC);
}

/* Half of the times are up to 8 ms ahead: at the end of the run, all of it was counted once. */
static void a_clock_that_is_ahead_now_and_then_is_right_in_sum(void **test)
{
	struct cpu_state state = {.since_ns = 1};
	uint64_t now_ns = 1, sum_ns = 0;

	srandom(1);
	for (int i = 0; i < 100000; i++) {
		const uint64_t ahead_ns = random() % 2 ? (uint64_t)random() % (8 * MSEC) : 0;
		uint64_t ran_ns;

		now_ns += (uint64_t)random() % MSEC;
		ran_ns = pass_time_until(&state, false, now_ns + ahead_ns);
		assert_true(ran_ns < 10 * MSEC);
		sum_ns += ran_ns;
		assert_true(sum_ns == state.busy_ns && sum_ns + 1 == state.since_ns);
		assert_true(state.since_ns >= now_ns && state.since_ns < now_ns + 8 * MSEC);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_time_only_begins),
		cmocka_unit_test(idle_time_is_not_busy),
		cmocka_unit_test(a_time_before_the_last_one_counts_nothing_and_nothing_twice),
		cmocka_unit_test(a_clock_that_is_ahead_now_and_then_is_right_in_sum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
