/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Processes that ran before they were watched: when they are over, and what they are called. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "processes_support.h"

#define ADOPTED_NS 5000

/* A thread that the iterator has adopted. */
static void adopt(struct witness *witness, const struct task_record *record)
{
	struct adopted_record adopted = {
		.process = record->process,
		.token = record->token,
		.time_ns = ADOPTED_NS,
		.start_ns = record->start_ns,
		.tid = record->tid,
		.flags = record->flags | TASK_EXECUTED,
		.comm = "adopted",
		.birth_comm = "adopted",
	};

	assert_int_equal(processes_adopted(witness->table, &adopted), 0);
}

static struct task_record adopted(struct task_record record)
{
	record.flags |= TASK_ADOPTED | TASK_OF_ADOPTED;
	return record;
}

static void it_is_over_when_all_that_were_adopted_are(void **state)
{
	struct witness *witness = *state;
	struct task_record leader = adopted(leader_of(ID));
	struct task_record second = adopted(thread_of(ID, 105, 1200)), third;

	adopt(witness, &leader);
	adopt(witness, &second);
	assert_int_equal(processes_adopted_all(witness->table), 0);
	third = thread_from(&second, 106, 6000);
	third.flags |= TASK_OF_ADOPTED;
	tell_ended(witness, leader, 7000);
	tell_ended(witness, second, 7100);
	assert_int_equal(witness_count(witness, TOLD_ENDED), 0);
	tell_ended(witness, third, 7200);
	assert_int_equal(witness_count(witness, TOLD_ENDED), 1);
	assert_true(last(witness)->begin_ns == ADOPTED_NS);
	assert_int_equal(last(witness)->threads_n, 3);
	assert_int_equal(witness_count(witness, TOLD_STARTED), 0);
}

/* As main() may: it ends with pthread_exit(), and is a zombie when the agent comes. */
static void a_leader_that_had_ended_before_is_not_waited_for(void **state)
{
	struct witness *witness = *state;
	struct task_record second = adopted(thread_of(ID, 105, 1200));

	adopt(witness, &second);
	assert_int_equal(processes_adopted_all(witness->table), 0);
	tell_ended(witness, second, 7100);
	assert_int_equal(witness_count(witness, TOLD_ENDED), 1);
}

static void while_threads_are_adopted_it_is_not_over(void **state)
{
	struct witness *witness = *state;
	struct task_record leader = adopted(leader_of(ID));
	struct task_record second = adopted(thread_of(ID, 105, 1200));

	adopt(witness, &leader);
	tell_ended(witness, leader, 5100);
	assert_int_equal(witness_count(witness, TOLD_ENDED), 0);
	adopt(witness, &second);
	tell_ended(witness, second, 5200);
	assert_int_equal(witness_count(witness, TOLD_ENDED), 0);
	assert_int_equal(processes_adopted_all(witness->table), 0);
	assert_int_equal(witness_count(witness, TOLD_ENDED), 1);
	assert_int_equal(processes_left(witness->table), 0);
}

/* Adopted as it created another, and ended before the iterator came to it. */
static void one_that_ended_before_it_was_told_is_there(void **state)
{
	struct witness *witness = *state;
	struct task_record other = adopted(leader_of(CHILD)), leader = adopted(leader_of(ID));

	adopt(witness, &other);
	leader.adopted_ns = 5100;
	tell_ended(witness, leader, 5300);
	assert_int_equal(processes_adopted_all(witness->table), 0);
	assert_int_equal(witness_count(witness, TOLD_ENDED), 1);
	assert_int_equal(last(witness)->id.pid, ID.pid);
	assert_true(last(witness)->begin_ns == 5100);
}

static void names_are_told_before_anything_else(void **state)
{
	struct witness *witness = *state;
	struct task_record leader = adopted(leader_of(ID));

	adopt(witness, &leader);
	assert_int_equal(processes_adopted_all(witness->table), 0);
	witness->now_ns = 6000;
	assert_int_equal(processes_read_names(witness->table, 10), 0);
	assert_int_equal(witness->n, 0);
	assert_int_equal(processes_pass_names_on(witness->table), 0);
	assert_int_equal(last(witness)->what, TOLD_ADOPTED);
	assert_string_equal(last(witness)->exe, "/bin/read");
	look(witness, true);
	assert_int_equal(witness->n, 1);
}

static void a_poll_does_not_wait_for_the_names(void **state)
{
	struct witness *witness = *state;
	struct task_record leader = adopted(leader_of(ID));

	adopt(witness, &leader);
	assert_int_equal(processes_adopted_all(witness->table), 0);
	look(witness, true);
	assert_int_equal(last(witness)->what, TOLD_ADOPTED);
	assert_int_equal(processes_read_names(witness->table, 10), 0);
	assert_int_equal(processes_pass_names_on(witness->table), 0);
	assert_int_equal(witness->n, 1);
}

/* What /proc has by then may be the new program's, or another process's. */
static void names_read_after_an_exec_or_the_end_are_not_told(void **state)
{
	struct witness *witness = *state;
	struct task_record leader = adopted(leader_of(ID)), other = adopted(leader_of(CHILD));

	adopt(witness, &leader);
	adopt(witness, &other);
	assert_int_equal(processes_adopted_all(witness->table), 0);
	witness->now_ns = 6000;
	assert_int_equal(processes_read_names(witness->table, 10), 0);
	tell_exec(witness, ID, 5900, "/bin/next");
	assert_int_equal(witness->told[0].what, TOLD_ADOPTED);
	assert_string_equal(witness->told[0].exe, "");
	assert_int_equal(witness->told[1].what, TOLD_EXECUTED);
	tell_ended(witness, other, 6100);
	assert_int_equal(witness->told[2].what, TOLD_ADOPTED);
	assert_string_equal(witness->told[2].exe, "/bin/read");
	assert_int_equal(witness->told[3].what, TOLD_ENDED);
	assert_int_equal(processes_pass_names_on(witness->table), 0);
	assert_int_equal(witness->n, 4);
}

static void one_that_was_moved_out_is_over_and_may_come_back(void **state)
{
	struct witness *witness = *state;
	struct task_record leader = adopted(leader_of(ID)), left = leader;

	adopt(witness, &leader);
	assert_int_equal(processes_adopted_all(witness->table), 0);
	left.flags |= TASK_LEFT;
	left.exit_code = 256;
	left.header.time_ns = 6000;
	assert_int_equal(processes_task_left(witness->table, &left), 0);
	assert_int_equal(last(witness)->what, TOLD_ENDED);
	assert_int_equal(last(witness)->wait_status, 0);
	assert_int_equal(processes_left(witness->table), 0);
	adopt(witness, &leader);
	assert_int_equal(processes_adopted_all(witness->table), 0);
	look(witness, true);
	assert_int_equal(last(witness)->what, TOLD_ADOPTED);
	assert_int_equal(last(witness)->number, 2);
}

/*
 * It was switched out between the moment at which the iterator found it moved and the agent's look.
 */
static void one_that_has_left_may_send_its_record_itself(void **state)
{
	struct witness *witness = *state;
	struct task_record leader = adopted(leader_of(ID)), left = leader;
	const struct adopted_record found = {.process = ID, .token = leader.token};

	adopt(witness, &leader);
	assert_int_equal(processes_adopted_all(witness->table), 0);
	left.flags |= TASK_LEFT;
	assert_int_equal(processes_expect_left(witness->table, &found), 0);
	tell_ended(witness, left, 6000);
	assert_int_equal(last(witness)->what, TOLD_ENDED);
	assert_int_equal(processes_left(witness->table), 0);
	/* And one that was taken before sends it for nothing, also when it has come back. */
	tell_ended(witness, left, 6100);
	adopt(witness, &leader);
	assert_int_equal(processes_adopted_all(witness->table), 0);
	tell_ended(witness, left, 6200);
	assert_int_equal(processes_left(witness->table), 1);
	assert_int_equal(witness_count(witness, TOLD_ENDED), 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_is_over_when_all_that_were_adopted_are),
		TEST(a_leader_that_had_ended_before_is_not_waited_for),
		TEST(while_threads_are_adopted_it_is_not_over),
		TEST(one_that_ended_before_it_was_told_is_there),
		TEST(names_are_told_before_anything_else),
		TEST(a_poll_does_not_wait_for_the_names),
		TEST(names_read_after_an_exec_or_the_end_are_not_told),
		TEST(one_that_was_moved_out_is_over_and_may_come_back),
		TEST(one_that_has_left_may_send_its_record_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
