/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which life of its pid a process is. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "sources/perf/life_numbers.h"

static void each_pid_is_counted_alone(void **state)
{
	struct life_numbers *numbers = life_numbers_new();

	assert_int_equal(life_numbers_next(numbers, 100), 1);
	assert_int_equal(life_numbers_next(numbers, 101), 1);
	assert_int_equal(life_numbers_next(numbers, 100), 2);
	assert_int_equal(life_numbers_next(numbers, 100), 3);
	assert_int_equal(life_numbers_next(numbers, 101), 2);
	assert_int_equal(life_numbers_next(numbers, 102), 1);
	life_numbers_free(numbers);
}

static void every_pid_that_linux_can_have_has_its_place(void **state)
{
	static const uint32_t pids[] = {0, 1, 32767, 32768, 32775, 65536, (4U << 20) - 1};
	struct life_numbers *numbers = life_numbers_new();

	for (uint32_t life = 1; life <= 4; life++) {
		for (size_t i = 0; i < sizeof(pids) / sizeof(pids[0]); i++)
			assert_int_equal(life_numbers_next(numbers, pids[i]), life);
	}
	life_numbers_free(numbers);
	life_numbers_free(NULL);
}

static void a_pid_has_more_lives_than_a_byte_counts(void **state)
{
	struct life_numbers *numbers = life_numbers_new();

	assert_int_equal(life_numbers_next(numbers, 4095), 1);
	for (uint32_t life = 1; life <= 70000; life++)
		assert_int_equal(life_numbers_next(numbers, 7), life);
	assert_int_equal(life_numbers_next(numbers, 8), 1);
	assert_int_equal(life_numbers_next(numbers, 4095), 2);
	life_numbers_free(numbers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_pid_is_counted_alone),
		cmocka_unit_test(every_pid_that_linux_can_have_has_its_place),
		cmocka_unit_test(a_pid_has_more_lives_than_a_byte_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
