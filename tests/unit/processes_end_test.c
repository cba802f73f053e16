/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* When a process ends, and with which status. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

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

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
	const struct CMUnitTest tests[] = {
		TEST(a_process_first_heard_of_by_its_end_starts_and_ends),
		TEST(a_leader_that_leaves_first_does_not_end_its_process),
		TEST(a_process_ends_at_the_last_time_of_its_records_not_at_the_last_record),
		TEST(a_reused_pid_is_another_process),
		TEST(the_leaders_exit_code_is_the_status_without_a_group_exit),
		TEST(the_groups_exit_code_is_the_status_whoever_tells_it),
		TEST(a_core_that_is_dumped_late_is_told),
		TEST(the_oom_killer_is_told_only_of_whom_it_killed),
		TEST(an_exec_in_another_thread_makes_that_thread_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
