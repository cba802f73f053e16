/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which program a forked process is said to run when its parent ended before it was heard of. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "processes_support.h"

#include "sources/perf/ancestry.h"

/* A whole life of one process that executes a program right after it was made. */
static void tell_life(struct witness *witness, struct process_id id, const char *path)
{
	tell_exec(witness, id, id.start_ns, path);
	tell_ended(witness, leader_of(id), id.start_ns + 10);
}

static void a_child_heard_of_after_its_parents_end_runs_its_program(void **state)
{
	struct witness *witness = *state;

	tell_life(witness, ID, "/bin/sh");
	tell_child_ended(witness, CHILD, ID);
	assert_string_equal(last(witness)->exe, "/bin/sh");
	/* And hands it on. */
	tell_child_ended(witness, process_id(102, 5000), CHILD);
	assert_string_equal(last(witness)->exe, "/bin/sh");
}

static void not_a_program_that_the_parent_executed_after_it_made_the_child(void **state)
{
	struct witness *witness = *state;

	tell_life(witness, process_id(100, CHILD.start_ns + 1), "/bin/late");
	tell_child_ended(witness, CHILD, process_id(100, CHILD.start_ns + 1));
	assert_string_equal(last(witness)->exe, "");
}

static void a_pid_that_came_again_is_another_parent(void **state)
{
	struct witness *witness = *state;

	tell_life(witness, process_id(100, 500), "/bin/first");
	tell_life(witness, process_id(100, 1000), "/bin/second");
	tell_child_ended(witness, CHILD, process_id(100, 500));
	assert_string_equal(last(witness)->exe, "/bin/first");
	tell_child_ended(witness, process_id(102, 5000), process_id(100, 600));
	assert_string_equal(last(witness)->exe, "");
}

static void the_last_ones_are_kept_and_no_more(void **state)
{
	struct witness *witness = *state;

	for (uint32_t i = 0; i <= ANCESTRY_SIZE; i++)
		tell_life(witness, process_id(1000 + i, 1000), i ? "/bin/later" : "/bin/first");
	tell_child_ended(witness, process_id(10, 9000), process_id(1000, 1000));
	assert_string_equal(last(witness)->exe, "");
	tell_child_ended(witness, process_id(11, 9000), process_id(1001, 1000));
	assert_string_equal(last(witness)->exe, "/bin/later");
	tell_child_ended(witness, process_id(12, 9000), process_id(1000 + ANCESTRY_SIZE, 1000));
	assert_string_equal(last(witness)->exe, "/bin/later");
}

/* One without a program takes no other's place. */
static void a_program_that_is_not_known_is_not_kept(void **state)
{
	struct witness *witness = *state;

	tell_life(witness, ID, "/bin/sh");
	for (uint32_t i = 0; i < 2 * ANCESTRY_SIZE; i++)
		tell_child_ended(witness, process_id(1000 + i, 500), process_id(7, 7));
	tell_child_ended(witness, CHILD, ID);
	assert_string_equal(last(witness)->exe, "/bin/sh");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
	const struct CMUnitTest tests[] = {
		TEST(a_child_heard_of_after_its_parents_end_runs_its_program),
		TEST(not_a_program_that_the_parent_executed_after_it_made_the_child),
		TEST(a_pid_that_came_again_is_another_parent),
		TEST(the_last_ones_are_kept_and_no_more),
		TEST(a_program_that_is_not_known_is_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
