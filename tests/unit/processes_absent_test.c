/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Processes of which last records were lost: they have ended when no task of them is left. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "processes_support.h"

/* A process of two threads, of which only the leader's record has come. */
static struct task_record lose_a_thread(struct witness *witness, struct process_id id)
{
	struct task_record leader = leader_of(id), thread = thread_from(&leader, 200, 1500);

	leader.cpu_ns = 10;
	leader.exit_code = 7 << 8;
	tell_ended(witness, leader, 5000);
	return thread;
}

static void what_the_snapshot_has_not_has_ended(void **state)
{
	struct witness *witness = *state;

	lose_a_thread(witness, ID);
	lose_a_thread(witness, CHILD);
	processes_begin_snapshot(witness->table);
	processes_in_snapshot(witness->table, CHILD);
	assert_int_equal(processes_end_absent(witness->table, 9000, NULL), 0);
	assert_int_equal(witness_count(witness, TOLD_ENDED), 1);
	assert_int_equal(last(witness)->id.pid, ID.pid);
	assert_true(last(witness)->is_complete);
	assert_int_equal(last(witness)->wait_status, 7 << 8);
	assert_int_equal(last(witness)->end_ns, 5000);
	assert_int_equal(last(witness)->kernel.cpu_ns, 10);
	assert_int_equal(processes_left(witness->table), 1);
}

static void without_a_snapshot_nothing_ends(void **state)
{
	struct witness *witness = *state;

	lose_a_thread(witness, ID);
	assert_int_equal(processes_end_absent(witness->table, 9000, NULL), 0);
	assert_int_equal(witness_count(witness, TOLD_ENDED), 0);
}

/* Its first record came after the snapshot. */
static void a_younger_process_has_not_ended(void **state)
{
	struct witness *witness = *state;

	processes_begin_snapshot(witness->table);
	tell_exec(witness, ID, 8000, "/bin/new");
	assert_int_equal(processes_end_absent(witness->table, 9000, NULL), 0);
	assert_int_equal(witness_count(witness, TOLD_ENDED), 0);
}

/* A thread that was seen alive keeps its counts, and is one of those that are lost. */
static void counts_of_the_living_stay(void **state)
{
	struct witness *witness = *state;
	struct task_record thread = lose_a_thread(witness, ID);

	thread.cpu_ns = 32;
	tell_alive(witness, &thread);
	processes_begin_snapshot(witness->table);
	assert_int_equal(processes_end_absent(witness->table, 9000, NULL), 0);
	assert_int_equal(last(witness)->what, TOLD_ENDED);
	assert_int_equal(last(witness)->kernel.cpu_ns, 42);
	assert_int_equal(last(witness)->threads_n, 2);
	assert_int_equal(last(witness)->lost_n, 1);
	assert_false(last(witness)->is_status_hidden);
}

static void a_status_whose_record_was_lost_is_not_known(void **state)
{
	struct witness *witness = *state;

	tell_exec(witness, ID, 8000, "/bin/new");
	processes_begin_snapshot(witness->table);
	assert_int_equal(processes_end_absent(witness->table, 9000, NULL), 0);
	assert_int_equal(last(witness)->what, TOLD_ENDED);
	assert_true(last(witness)->is_status_hidden);
	assert_int_equal(last(witness)->end_ns, 8000);
}

/* The command is the agent's own child: it knows its status, and its end. */
static void the_command_ends_as_its_parent_knows(void **state)
{
	struct witness *witness = *state;
	struct exec_record record = exec_of(ID, 2000, "/bin/new", "", 0, 0);
	const int status = 3 << 8;

	record.is_root = true;
	assert_int_equal(processes_executed(witness->table, &record), 0);
	processes_begin_snapshot(witness->table);
	assert_int_equal(processes_end_absent(witness->table, 9000, NULL), 0);
	assert_int_equal(witness_count(witness, TOLD_ENDED), 0);
	assert_false(processes_root_ended(witness->table));
	assert_int_equal(processes_end_absent(witness->table, 9000, &status), 0);
	assert_int_equal(last(witness)->what, TOLD_ENDED);
	assert_int_equal(last(witness)->wait_status, status);
	assert_int_equal(last(witness)->end_ns, 9000);
	assert_false(last(witness)->is_status_hidden);
	assert_true(processes_root_ended(witness->table));
}

static void what_the_observer_returns_ends_it(void **state)
{
	struct witness *witness = *state;

	lose_a_thread(witness, ID);
	lose_a_thread(witness, CHILD);
	processes_begin_snapshot(witness->table);
	witness->result = -EIO;
	assert_int_equal(processes_end_absent(witness->table, 9000, NULL), -EIO);
	assert_int_equal(witness_count(witness, TOLD_ENDED), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
	const struct CMUnitTest tests[] = {
		TEST(what_the_snapshot_has_not_has_ended),
		TEST(without_a_snapshot_nothing_ends),
		TEST(a_younger_process_has_not_ended),
		TEST(counts_of_the_living_stay),
		TEST(a_status_whose_record_was_lost_is_not_known),
		TEST(the_command_ends_as_its_parent_knows),
		TEST(what_the_observer_returns_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
