/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Lives of processes made by hand: their exec, and while they live. processes_end_test.c has their
 * ends, processes_random_test.c arbitrary ones, processes_exec_test.c what an exec records.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "processes_support.h"

/* --- exec ------------------------------------------------------------------------------------- */

static void an_exec_gives_a_process_its_names(void **state)
{
	struct witness *witness = *state;

	tell_exec(witness, ID, 1500, "/usr/bin/sort");
	assert_int_equal(witness->n, 2);
	assert_int_equal(witness->told[0].what, TOLD_STARTED);
	assert_string_equal(witness->told[0].comm, "parent");
	assert_int_equal(last(witness)->what, TOLD_EXECUTED);
	assert_true(last(witness)->executed);
	assert_string_equal(last(witness)->comm, "sort");
	assert_string_equal(last(witness)->exe, "/usr/bin/sort");
	assert_int_equal(last(witness)->exec_ns, 1500);
	assert_int_equal(last(witness)->begin_ns, 1000);
	assert_int_equal(last(witness)->n_args, 4);
	assert_memory_equal(last(witness)->args, "a\0b", 4);
	assert_false(last(witness)->is_cut);
}

static void the_root_begins_with_its_first_exec(void **state)
{
	struct witness *witness = *state;
	struct exec_record record = exec_of(ID, 1500, "/bin/sh", "", 0, 0);
	struct task_record leader = leader_of(ID);

	record.is_root = 1;
	assert_int_equal(processes_executed(witness->table, &record), 0);
	record.header.time_ns = 1700;
	assert_int_equal(processes_executed(witness->table, &record), 0);
	assert_int_equal(witness_count(witness, TOLD_STARTED), 0);
	assert_int_equal(last(witness)->begin_ns, 1500);
	assert_int_equal(last(witness)->exec_ns, 1700);
	assert_true(last(witness)->is_root);
	assert_false(processes_root_ended(witness->table));
	leader.flags |= TASK_ROOT | TASK_EXECUTED;
	tell_ended(witness, leader, 2000);
	assert_true(processes_root_ended(witness->table));
}

/* The exec's record may be lost, and then a thread may be the first that is heard of. */
static void the_root_is_known_by_its_leader_when_its_exec_was_lost(void **state)
{
	struct witness *witness = *state;
	struct task_record leader = leader_of(ID);
	struct task_record thread = thread_from(&leader, 200, 1500);

	leader.flags |= TASK_ROOT | TASK_EXECUTED;
	thread.flags |= TASK_EXECUTED;
	tell_ended(witness, thread, 3000);
	assert_false(processes_root_ended(witness->table));
	tell_ended(witness, leader, 4000);
	assert_true(processes_root_ended(witness->table));
	assert_true(last(witness)->is_root);
	assert_true(last(witness)->executed);
}

/* A task that is seen before its exec's record is: the kernel was asked in between. */
static void the_roots_beginning_is_its_exec_though_it_was_seen_before(void **state)
{
	struct witness *witness = *state;
	struct task_record leader = leader_of(ID);
	struct exec_record record = exec_of(ID, 1500, "/bin/sh", "", 0, 0);

	leader.flags |= TASK_ROOT | TASK_EXECUTED;
	record.is_root = 1;
	tell_alive(witness, &leader);
	assert_int_equal(processes_executed(witness->table, &record), 0);
	assert_int_equal(last(witness)->begin_ns, 1500);
}

static void a_child_runs_its_parents_program_until_it_executes_one(void **state)
{
	struct witness *witness = *state;
	struct task_record child = leader_of(CHILD);
	struct task_record grandchild = leader_of(process_id(102, 2500));

	child.parent = ID;
	grandchild.parent = CHILD;
	tell_exec(witness, ID, 1500, "/bin/sh");
	tell_alive(witness, &child);
	assert_string_equal(last(witness)->exe, "/bin/sh");
	tell_ended(witness, grandchild, 3000);
	assert_string_equal(last(witness)->exe, "/bin/sh");
	tell_exec(witness, CHILD, 3100, "/bin/true");
	tell_ended(witness, child, 4000);
	assert_string_equal(last(witness)->exe, "/bin/true");
}

static void a_child_older_than_its_parents_exec_does_not_run_that_program(void **state)
{
	struct witness *witness = *state;
	struct task_record child = leader_of(CHILD);

	child.parent = ID;
	tell_exec(witness, ID, CHILD.start_ns + 1, "/bin/late");
	tell_ended(witness, child, 3000);
	assert_string_equal(last(witness)->exe, "");
}

static void a_parent_outside_of_the_tree_lends_no_program(void **state)
{
	struct witness *witness = *state;
	struct task_record child = leader_of(CHILD);

	child.parent = process_id(ID.pid, 0);
	tell_exec(witness, ID, 1500, "/bin/sh");
	tell_ended(witness, child, 3000);
	assert_string_equal(last(witness)->exe, "");
}

/* --- the living ------------------------------------------------------------------------------- */

static void a_snapshot_replaces_the_one_before_and_is_replaced_by_the_last_record(void **state)
{
	struct witness *witness = *state;
	struct task_record leader = leader_of(ID);
	struct task_record thread = thread_from(&leader, 200, 1500);

	leader.seq = 2;
	leader.cpu_ns = 10;
	leader.counters[0].count = 100;
	thread.seq = 2;
	thread.cpu_ns = 1;
	tell_alive(witness, &leader);
	tell_alive(witness, &thread);
	assert_int_equal(look(witness, false).cpu_ns, 11);
	leader.seq = 4;
	leader.cpu_ns = 20;
	leader.counters[0].count = 200;
	tell_alive(witness, &leader);
	assert_int_equal(look(witness, false).cpu_ns, 21);
	leader.cpu_ns = 30;
	leader.counters[0].count = 300;
	tell_ended(witness, leader, 3000);
	assert_int_equal(look(witness, false).cpu_ns, 31);
	assert_int_equal(look(witness, true).count, 300);
	assert_int_equal(look(witness, true).threads_n, 2);
	thread.cpu_ns = 2;
	tell_ended(witness, thread, 4000);
	assert_int_equal(last(witness)->kernel.cpu_ns, 32);
	assert_int_equal(last(witness)->threads_n, 2);
}

static void a_process_that_did_nothing_is_not_visited(void **state)
{
	struct witness *witness = *state;
	struct task_record leader = leader_of(ID);

	tell_alive(witness, &leader); /* created, and not switched to yet */
	assert_int_equal(look(witness, false).n, 0);
	assert_int_equal(look(witness, true).n, 1);
	leader.seq = 2;
	tell_alive(witness, &leader);
	assert_int_equal(look(witness, false).n, 1);
	tell_alive(witness, &leader);
	assert_int_equal(look(witness, false).n, 0);
}

static void a_visit_that_fails_ends_the_round(void **state)
{
	struct witness *witness = *state;
	struct task_record a = leader_of(ID), b = leader_of(CHILD);
	struct seen seen = {.result = -EIO};

	tell_alive(witness, &a);
	tell_alive(witness, &b);
	assert_int_equal(processes_for_each(witness->table, true, see, &seen), -EIO);
	assert_int_equal(seen.n, 1);
}

/* The old leader's last record may come after the exec's, while the program runs. */
static void the_living_have_the_name_of_their_program(void **state)
{
	struct witness *witness = *state;
	struct task_record leader = leader_of(ID);
	struct task_record thread = thread_from(&leader, 200, 1500);

	tell_exec(witness, ID, 1800, "/bin/program");
	tell_ended(witness, leader, 1900);
	thread.tid = ID.pid;
	strcpy(thread.comm, "program");
	tell_alive(witness, &thread);
	assert_string_equal(look(witness, true).comm, "program");
}

/* --- errors ----------------------------------------------------------------------------------- */

static void what_the_observer_returns_is_passed_on(void **state)
{
	struct witness *witness = *state;
	struct task_record leader = ended_at(leader_of(ID), 2000);
	struct exec_record exec = exec_of(CHILD, 1500, "/bin/sh", "", 0, 0);

	witness->result = -EIO;
	assert_int_equal(processes_task_alive(witness->table, &leader), -EIO);
	assert_int_equal(processes_executed(witness->table, &exec), -EIO);
	assert_int_equal(processes_executed(witness->table, &exec), -EIO);
	assert_int_equal(processes_task_ended(witness->table, &leader), -EIO);
	assert_int_equal(processes_left(witness->table), 1);
}

/* From the ring a record is only known by its type. */
static void a_record_goes_where_its_type_says(void **state)
{
	struct witness *witness = *state;
	struct exec_record exec = exec_of(ID, 1500, "/bin/sh", "sh\0-c", 6, 6);
	struct task_record leader = ended_at(leader_of(ID), 3000);
	struct record_header unknown = {.type = 99, .size = sizeof(unknown)};

	assert_int_equal(processes_take(witness->table, &exec.header), 0);
	assert_int_equal(last(witness)->what, TOLD_EXECUTED);
	assert_int_equal(processes_take(witness->table, &leader.header), 0);
	assert_int_equal(last(witness)->what, TOLD_ENDED);
	assert_int_equal(processes_take(witness->table, &unknown), -EPROTO);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
	const struct CMUnitTest tests[] = {
		TEST(a_record_goes_where_its_type_says),
		TEST(an_exec_gives_a_process_its_names),
		TEST(the_root_begins_with_its_first_exec),
		TEST(the_root_is_known_by_its_leader_when_its_exec_was_lost),
		TEST(the_roots_beginning_is_its_exec_though_it_was_seen_before),
		TEST(a_child_runs_its_parents_program_until_it_executes_one),
		TEST(a_child_older_than_its_parents_exec_does_not_run_that_program),
		TEST(a_parent_outside_of_the_tree_lends_no_program),
		TEST(a_snapshot_replaces_the_one_before_and_is_replaced_by_the_last_record),
		TEST(a_process_that_did_nothing_is_not_visited),
		TEST(a_visit_that_fails_ends_the_round),
		TEST(the_living_have_the_name_of_their_program),
		TEST(what_the_observer_returns_is_passed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
