/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What happens to counters as CPUs come and go. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "counters_support.h"

static void a_cpu_that_comes_is_opened_and_starts_afresh(void **state)
{
	struct event events[] = {EVENT(&plain, 1, -1)};
	const struct event_list list = {.events = events, .n = 1};
	struct counters *counters = open_all(&list, "0-1\n");

	strcpy(machine.online, "0\n");
	assert_int_equal(counters_refresh(counters), 0);
	assert_int_equal(machine.n, 2);
	machine.n_cleared = 0;
	strcpy(machine.online, "0-2\n");
	assert_int_equal(counters_refresh(counters), 0);
	assert_int_equal(machine.n, 4);
	assert_int_equal(machine.opened[2].cpu, 1);
	assert_int_equal(machine.opened[3].cpu, 2);
	assert_int_equal(machine.n_cleared, 2);
	assert_int_equal(machine.cleared[0], 1);
	assert_int_equal(machine.cleared[1], 2);
	counters_account_running(counters);
	assert_int_equal(machine.n_accounted, 3);
	counters_free(counters);
}

static void a_cpu_that_leaves_while_it_is_opened_is_no_error(void **state)
{
	static const int gone[] = {ENODEV, ENXIO};
	struct event events[] = {EVENT(&plain, 1, -1)};
	const struct event_list list = {.events = events, .n = 1};

	for (size_t i = 0; i < 2; i++) {
		struct counters *counters;

		machine.open_errno = gone[i];
		machine.failing_cpu = 1;
		machine.n = 0;
		counters = open_all(&list, "0-2\n");
		assert_int_equal(machine.n, 2);
		/* It is tried again the next time, and only it. */
		machine.open_errno = 0;
		assert_int_equal(counters_refresh(counters), 0);
		assert_int_equal(machine.n, 3);
		assert_int_equal(counters_refresh(counters), 0);
		assert_int_equal(machine.n, 3);
		counters_free(counters);
	}
}

static void a_cpu_that_came_back_unseen_is_opened_anew(void **state)
{
	struct event events[] = {EVENT(&plain, 1, -1)};
	const struct event_list list = {.events = events, .n = 1};
	struct counters *counters;

	machine.n = 0;
	counters = open_all(&list, "0-2\n");
	assert_int_equal(machine.n, 3);
	counters_forget(counters, 1);
	counters_forget(counters, 7);
	assert_int_equal(counters_refresh(counters), 0);
	assert_int_equal(machine.n, 4);
	counters_free(counters);
}

static void a_file_that_cannot_be_read_for_once_loses_no_cpu(void **state)
{
	struct event events[] = {EVENT(&plain, 1, -1)};
	const struct event_list list = {.events = events, .n = 1};
	struct counters *counters = open_all(&list, "0-1\n");
	bool said;

	strcpy(machine.online, "0-2\n");
	machine.online_err = -ENFILE;
	assert_int_equal(refresh(counters, &said), -ENFILE);
	assert_true(said);
	assert_int_equal(refresh(counters, &said), -ENFILE);
	assert_false(said); /* it was */
	counters_account_running(counters);
	assert_int_equal(machine.n_accounted, 2);
	machine.online_err = 0;
	assert_int_equal(refresh(counters, &said), 0);
	assert_int_equal(machine.n, 3);
	assert_int_equal(machine.opened[2].cpu, 2);
	machine.online_err = -ENFILE;
	assert_int_equal(refresh(counters, &said), -ENFILE);
	assert_true(said);
	counters_free(counters);
}

static void a_cpu_that_cannot_be_opened_is_tried_again_and_keeps_no_other_back(void **state)
{
	struct event events[] = {EVENT(&plain, 1, -1)};
	const struct event_list list = {.events = events, .n = 1};
	struct counters *counters = open_all(&list, "0-1\n");
	bool said;

	strcpy(machine.online, "0-4\n");
	machine.open_errno = EMFILE;
	machine.failing_cpu = 3;
	assert_int_equal(refresh(counters, &said), -EMFILE);
	assert_true(said);
	assert_int_equal(machine.n, 4);
	assert_non_null(find(1, 2));
	assert_non_null(find(1, 4));
	assert_int_equal(refresh(counters, &said), -EMFILE);
	assert_false(said);
	machine.open_errno = 0;
	assert_int_equal(refresh(counters, &said), 0);
	assert_int_equal(machine.n, 5);
	assert_non_null(find(1, 3));
	counters_free(counters);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, make)
	const struct CMUnitTest tests[] = {
		TEST(a_cpu_that_comes_is_opened_and_starts_afresh),
		TEST(a_cpu_that_leaves_while_it_is_opened_is_no_error),
		TEST(a_cpu_that_came_back_unseen_is_opened_anew),
		TEST(a_file_that_cannot_be_read_for_once_loses_no_cpu),
		TEST(a_cpu_that_cannot_be_opened_is_tried_again_and_keeps_no_other_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
