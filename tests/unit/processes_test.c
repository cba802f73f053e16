/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Lives of processes told by hand; processes_random_test.c has arbitrary ones,
 * processes_exec_test.c what an exec tells.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>

#include "processes_support.h"

#define EXIT_CODE(n) ((n) << 8) /* of exit(n), as task->exit_code and wait() have it */

/* --- the end ---------------------------------------------------------------------------------- */

static void a_process_first_heard_of_by_its_end_starts_and_ends(void **state)
{
	struct witness *witness = *state;
	struct task_record leader = leader_of(ID);

	leader.parent = process_id(7, 0);
	leader.cpu_ns = 5;
	leader.context_switches = 6;
	leader.migrations = 7;
	leader.counters[1] = (struct counter){1, 2, 3};
	tell_ended(witness, leader, 9000);

	assert_int_equal(witness->n, 2);
	assert_int_equal(witness->told[0].what, TOLD_STARTED);
	assert_string_equal(witness->told[0].comm, "parent");
	assert_int_equal(witness->told[1].what, TOLD_ENDED);
	assert_true(witness->told[1].is_complete);
	assert_false(witness->told[1].executed);
	assert_string_equal(witness->told[1].comm, "leader");
	assert_int_equal(witness->told[1].parent.pid, 7);
	assert_int_equal(witness->told[1].begin_ns, 1000);
	assert_int_equal(witness->told[1].end_ns, 9000);
	assert_int_equal(witness->told[1].threads_n, 1);
	assert_int_equal(witness->told[1].kernel.cpu_ns, 5);
	assert_int_equal(witness->told[1].kernel.context_switches, 6);
	assert_int_equal(witness->told[1].kernel.migrations, 7);
	assert_int_equal(witness->told[1].counters[1].count, 1);
	assert_int_equal(witness->told[1].counters[1].enabled_ns, 2);
	assert_int_equal(witness->told[1].counters[1].running_ns, 3);
	assert_int_equal(witness_count(witness, TOLD_STARTED), 1);
	assert_int_equal(processes_left(witness->table), 0);
}

static void a_leader_that_leaves_first_does_not_end_its_process(void **state)
{
	struct witness *witness = *state;
	struct task_record leader = leader_of(ID);
	struct task_record thread = thread_from(&leader, 200, 1500);

	leader.cpu_ns = 10;
	thread.cpu_ns = 32;
	tell_ended(witness, leader, 5000);
	assert_int_equal(witness_count(witness, TOLD_ENDED), 0);
	assert_int_equal(processes_left(witness->table), 1);
	tell_ended(witness, thread, 8000);
	assert_int_equal(witness_count(witness, TOLD_ENDED), 1);
	assert_int_equal(last(witness)->kernel.cpu_ns, 42);
	assert_int_equal(last(witness)->threads_n, 2);
	assert_int_equal(last(witness)->end_ns, 8000);
	assert_string_equal(last(witness)->comm, "leader");
}

static void a_process_ends_at_the_last_time_of_its_records_not_at_the_last_record(void **state)
{
	struct witness *witness = *state;
	struct task_record leader = leader_of(ID);
	struct task_record thread = thread_from(&leader, 200, 1500);

	tell_ended(witness, leader, 5000);
	tell_ended(witness, thread, 4000);
	assert_int_equal(last(witness)->end_ns, 5000);
}

static void a_reused_pid_is_another_process(void **state)
{
	struct witness *witness = *state;
	struct process_id again = process_id(ID.pid, 7000);
	struct task_record first = leader_of(ID), second = leader_of(again);
	struct task_record thread = thread_from(&first, 200, 1500);

	first.cpu_ns = 1;
	second.cpu_ns = 2;
	thread.cpu_ns = 4;
	tell_ended(witness, first, 6000);
	tell_ended(witness, second, 8000);
	assert_int_equal(last(witness)->id.start_ns, 7000);
	assert_int_equal(last(witness)->kernel.cpu_ns, 2);
	tell_ended(witness, thread, 8000);
	assert_int_equal(last(witness)->id.start_ns, 1000);
	assert_int_equal(last(witness)->kernel.cpu_ns, 5);
	assert_int_equal(witness_count(witness, TOLD_STARTED), 2);
	assert_int_equal(witness_count(witness, TOLD_ENDED), 2);
}

/* --- the exit status -------------------------------------------------------------------------- */

static void the_leaders_exit_code_is_the_status_without_a_group_exit(void **state)
{
	struct witness *witness = *state;
	struct task_record leader = leader_of(ID);
	struct task_record thread = thread_from(&leader, 200, 1500);

	leader.exit_code = EXIT_CODE(3);
	thread.exit_code = EXIT_CODE(4);
	tell_ended(witness, leader, 5000);
	tell_ended(witness, thread, 6000);
	assert_int_equal(last(witness)->wait_status, EXIT_CODE(3));
}

static void the_groups_exit_code_is_the_status_whoever_tells_it(void **state)
{
	struct witness *witness = *state;

	for (int order = 0; order < 2; order++) {
		struct process_id id = process_id(ID.pid, 10000 + (uint64_t)order);
		struct task_record leader = leader_of(id);
		struct task_record thread = thread_from(&leader, 200, 20000);

		leader.exit_code = EXIT_CODE(3);
		thread.exit_code = SIGKILL;
		thread.flags |= TASK_GROUP_EXIT;
		tell_ended(witness, order ? leader : thread, 30000);
		tell_ended(witness, order ? thread : leader, 30000);
		assert_int_equal(last(witness)->what, TOLD_ENDED);
		assert_int_equal(last(witness)->wait_status, SIGKILL);
	}
}

/* The kernel adds the bit of a core to the code when the core is written. */
static void a_core_that_is_dumped_late_is_told(void **state)
{
	struct witness *witness = *state;

	for (int order = 0; order < 2; order++) {
		struct process_id id = process_id(ID.pid, 10000 + (uint64_t)order);
		struct task_record leader = leader_of(id);
		struct task_record thread = thread_from(&leader, 200, 20000);

		leader.exit_code = SIGSEGV;
		thread.exit_code = SIGSEGV | 0x80;
		leader.flags |= TASK_GROUP_EXIT;
		thread.flags |= TASK_GROUP_EXIT;
		leader = ended_at(leader, 30000);
		thread = ended_at(thread, 30001);
		processes_task_ended(witness->table, order ? &leader : &thread);
		processes_task_ended(witness->table, order ? &thread : &leader);
		assert_int_equal(last(witness)->wait_status, SIGSEGV | 0x80);
		assert_false(last(witness)->oom_killed);
	}
}

/* It may end by itself although it was chosen. */
static void the_oom_killer_is_told_only_of_whom_it_killed(void **state)
{
	static const int codes[] = {SIGKILL, EXIT_CODE(0), SIGSEGV};
	struct witness *witness = *state;

	for (size_t i = 0; i < 3; i++) {
		struct task_record leader = leader_of(process_id(ID.pid, 10000 + i));

		leader.exit_code = codes[i];
		leader.flags |= TASK_OOM_VICTIM;
		tell_ended(witness, leader, 30000);
		assert_int_equal(last(witness)->oom_killed, codes[i] == SIGKILL);
		assert_int_equal(last(witness)->number, i + 1);
	}
}

/*
 * The thread takes the leader's id; the leader ends. Its last switch may come after the exec, and
 * a record that had to wait outside the ring even after the thread's own.
 */
static void an_exec_in_another_thread_makes_that_thread_the_process(void **state)
{
	struct witness *witness = *state;

	for (int order = 0; order < 2; order++) {
		struct process_id id = process_id(ID.pid, 10000 + (uint64_t)order);
		struct task_record leader = leader_of(id);
		struct task_record thread = thread_from(&leader, 200, 20000);

		thread.tid = id.pid;
		thread.exit_code = EXIT_CODE(5);
		strcpy(thread.comm, "program");
		tell_exec(witness, id, 30000, "/bin/program");
		tell_ended(witness, order ? thread : leader, 40000);
		tell_ended(witness, order ? leader : thread, 40000);
		assert_int_equal(last(witness)->what, TOLD_ENDED);
		assert_int_equal(last(witness)->wait_status, EXIT_CODE(5));
		assert_string_equal(last(witness)->comm, "program");
		assert_string_equal(last(witness)->exe, "/bin/program");
		assert_int_equal(last(witness)->threads_n, 2);
	}
}

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
		TEST(a_process_first_heard_of_by_its_end_starts_and_ends),
		TEST(a_leader_that_leaves_first_does_not_end_its_process),
		TEST(a_process_ends_at_the_last_time_of_its_records_not_at_the_last_record),
		TEST(a_record_goes_where_its_type_says),
		TEST(a_reused_pid_is_another_process),
		TEST(the_leaders_exit_code_is_the_status_without_a_group_exit),
		TEST(the_groups_exit_code_is_the_status_whoever_tells_it),
		TEST(a_core_that_is_dumped_late_is_told),
		TEST(the_oom_killer_is_told_only_of_whom_it_killed),
		TEST(an_exec_in_another_thread_makes_that_thread_the_process),
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
