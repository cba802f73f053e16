/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What an exec tells of a process: arguments in several records, some of them lost or late. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "processes_support.h"

/* n bytes of arguments, each 7 long with its NUL. */
static char *make_args(size_t n)
{
	char *args = malloc(n);

	for (size_t i = 0; i < n; i++)
		args[i] = i % 7 == 6 ? '\0' : (char)('a' + i % 26);
	return args;
}

/* The exec record and those of the rest, but for the chunk that begins at lost. */
static void tell_long_exec(struct witness *witness, const char *args, size_t total, size_t lost)
{
	size_t captured = total < ARGS_MAX ? total : ARGS_MAX;
	struct exec_record record = exec_of(ID, 1500, "/bin/long", args, captured, total);

	assert_int_equal(processes_executed(witness->table, &record), 0);
	for (size_t offset = ARGS_CHUNK; offset < captured; offset += ARGS_CHUNK) {
		size_t length = captured - offset < ARGS_CHUNK ? captured - offset : ARGS_CHUNK;
		struct args_record part = args_of(ID, args, offset, length);

		assert_int_equal(witness_count(witness, TOLD_EXECUTED), 0);
		if (offset != lost)
			assert_int_equal(processes_more_args(witness->table, &part), 0);
	}
}

static void long_arguments_are_put_together(void **state)
{
	static const size_t totals[] = {ARGS_CHUNK - 1,     ARGS_CHUNK,   ARGS_CHUNK + 1,
	                                3 * ARGS_CHUNK + 5, ARGS_MAX - 1, ARGS_MAX};
	struct witness *witness = *state;

	for (size_t i = 0; i < sizeof(totals) / sizeof(totals[0]); i++) {
		char *args = make_args(totals[i]);

		tell_long_exec(witness, args, totals[i], 0);
		assert_int_equal(witness_count(witness, TOLD_EXECUTED), 1);
		assert_int_equal(last(witness)->n_args, totals[i]);
		assert_memory_equal(last(witness)->args, args, totals[i]);
		assert_false(last(witness)->is_cut);
		witness_forget(witness);
		free(args);
	}
}

static void arguments_beyond_what_is_captured_are_cut(void **state)
{
	struct witness *witness = *state;
	char *args = make_args(ARGS_MAX + 1);

	tell_long_exec(witness, args, ARGS_MAX + 1, 0);
	assert_int_equal(last(witness)->n_args, ARGS_MAX);
	assert_memory_equal(last(witness)->args, args, ARGS_MAX);
	assert_true(last(witness)->is_cut);
	free(args);
}

/* A part is only known to be lost once nothing can follow it any more. */
static void the_end_tells_arguments_up_to_a_part_that_was_lost(void **state)
{
	struct witness *witness = *state;
	char *args = make_args(5 * ARGS_CHUNK);

	tell_long_exec(witness, args, 5 * ARGS_CHUNK, 2 * ARGS_CHUNK);
	assert_int_equal(witness_count(witness, TOLD_EXECUTED), 0);
	tell_ended(witness, leader_of(ID), 2000);
	assert_int_equal(witness_count(witness, TOLD_EXECUTED), 1);
	assert_int_equal(witness->told[1].n_args, 2 * ARGS_CHUNK);
	assert_memory_equal(witness->told[1].args, args, 2 * ARGS_CHUNK);
	assert_true(witness->told[1].is_cut);
	assert_int_equal(last(witness)->what, TOLD_ENDED);
	free(args);
}

static void arguments_that_could_not_be_read_are_cut_to_nothing(void **state)
{
	struct witness *witness = *state;
	struct exec_record record = exec_of(ID, 1500, "/bin/sh", "", 0, 12);

	assert_int_equal(processes_executed(witness->table, &record), 0);
	assert_int_equal(last(witness)->what, TOLD_EXECUTED);
	assert_int_equal(last(witness)->n_args, 0);
	assert_true(last(witness)->is_cut);
}

static void a_next_exec_comes_after_the_unfinished_one(void **state)
{
	struct witness *witness = *state;
	char *args = make_args(2 * ARGS_CHUNK);
	struct args_record late = args_of(ID, args, ARGS_CHUNK, ARGS_CHUNK);

	tell_long_exec(witness, args, 2 * ARGS_CHUNK, ARGS_CHUNK);
	tell_exec(witness, ID, 1600, "/bin/next");
	assert_int_equal(witness_count(witness, TOLD_EXECUTED), 2);
	assert_string_equal(witness->told[1].exe, "/bin/long");
	assert_int_equal(witness->told[1].n_args, ARGS_CHUNK);
	assert_string_equal(witness->told[2].exe, "/bin/next");
	assert_int_equal(processes_more_args(witness->table, &late), 0);
	assert_int_equal(witness->n, 3);
	free(args);
}

static void arguments_of_an_unknown_process_are_nobodys(void **state)
{
	struct witness *witness = *state;
	struct args_record part = args_of(ID, "x", 0, 1);

	assert_int_equal(processes_more_args(witness->table, &part), 0);
	assert_int_equal(witness->n, 0);
	assert_int_equal(processes_left(witness->table), 0);
}

/* --- looks at the living meanwhile ------------------------------------------------------------ */

static void tell_part(struct witness *witness, const char *args, size_t offset, size_t length)
{
	struct args_record part = args_of(ID, args, offset, length);

	assert_int_equal(processes_more_args(witness->table, &part), 0);
}

/* The process's first task, which did something since it was last seen. */
static void tell_active(struct witness *witness, struct task_record *leader)
{
	leader->seq += 2;
	tell_alive(witness, leader);
}

static void a_look_between_two_parts_does_not_cut_the_arguments(void **state)
{
	struct witness *witness = *state;
	struct task_record leader = leader_of(ID);
	char *args = make_args(2 * ARGS_CHUNK);
	struct exec_record record =
		exec_of(ID, 1500, "/bin/long", args, 2 * ARGS_CHUNK, 2 * ARGS_CHUNK);

	assert_int_equal(processes_executed(witness->table, &record), 0);
	tell_active(witness, &leader);
	assert_int_equal(look(witness, false).n, 0);
	assert_int_equal(witness_count(witness, TOLD_EXECUTED), 0);
	tell_part(witness, args, ARGS_CHUNK, ARGS_CHUNK);
	assert_int_equal(last(witness)->what, TOLD_EXECUTED);
	assert_int_equal(last(witness)->n_args, 2 * ARGS_CHUNK);
	assert_false(last(witness)->is_cut);
	assert_int_equal(look(witness, false).n, 1); /* what it did was not forgotten */
	free(args);
}

static void a_part_that_was_lost_is_waited_for_over_one_look(void **state)
{
	struct witness *witness = *state;
	struct task_record leader = leader_of(ID);
	char *args = make_args(2 * ARGS_CHUNK);

	for (int execs = 1; execs <= 2; execs++) {
		tell_long_exec(witness, args, 2 * ARGS_CHUNK, ARGS_CHUNK);
		tell_active(witness, &leader);
		assert_int_equal(look(witness, false).n, 0);
		assert_int_equal(witness_count(witness, TOLD_EXECUTED), 0);
		tell_active(witness, &leader);
		assert_int_equal(look(witness, false).n, 1);
		assert_int_equal(last(witness)->n_args, ARGS_CHUNK);
		assert_true(last(witness)->is_cut);
		witness_forget(witness);
	}
	free(args);
}

static void the_last_look_waits_for_nothing(void **state)
{
	struct witness *witness = *state;
	struct task_record leader = leader_of(ID);
	char *args = make_args(2 * ARGS_CHUNK);

	tell_long_exec(witness, args, 2 * ARGS_CHUNK, ARGS_CHUNK);
	tell_active(witness, &leader);
	assert_int_equal(look(witness, true).n, 1);
	assert_true(last(witness)->is_cut);
	free(args);
}

/* Of the threads that an exec ends, a record may have waited in the map while the ring was full. */
static void the_end_of_a_thread_does_not_cut_the_arguments(void **state)
{
	struct witness *witness = *state;
	struct task_record leader = leader_of(ID);
	struct task_record thread = thread_from(&leader, 200, 1200);
	char *args = make_args(2 * ARGS_CHUNK);

	tell_long_exec(witness, args, 2 * ARGS_CHUNK, ARGS_CHUNK);
	tell_ended(witness, thread, 1400);
	tell_part(witness, args, ARGS_CHUNK, ARGS_CHUNK);
	assert_int_equal(last(witness)->what, TOLD_EXECUTED);
	assert_false(last(witness)->is_cut);
	free(args);
}

static void the_command_is_passed_over_once_before_its_exec_is_told(void **state)
{
	struct witness *witness = *state;
	struct task_record leader = leader_of(ID);

	leader.flags |= TASK_ROOT | TASK_EXECUTED;
	tell_active(witness, &leader);
	assert_int_equal(look(witness, false).n, 0);
	tell_exec(witness, ID, 1500, "/bin/sh");
	assert_int_equal(look(witness, false).n, 1);
}

static void a_command_whose_exec_was_lost_is_seen_all_the_same(void **state)
{
	struct witness *witness = *state;
	struct task_record leader = leader_of(ID);

	leader.flags |= TASK_ROOT | TASK_EXECUTED;
	tell_active(witness, &leader);
	assert_int_equal(look(witness, false).n, 0);
	assert_int_equal(look(witness, false).n, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
	const struct CMUnitTest tests[] = {
		TEST(long_arguments_are_put_together),
		TEST(arguments_beyond_what_is_captured_are_cut),
		TEST(the_end_tells_arguments_up_to_a_part_that_was_lost),
		TEST(arguments_that_could_not_be_read_are_cut_to_nothing),
		TEST(a_next_exec_comes_after_the_unfinished_one),
		TEST(arguments_of_an_unknown_process_are_nobodys),
		TEST(a_look_between_two_parts_does_not_cut_the_arguments),
		TEST(a_part_that_was_lost_is_waited_for_over_one_look),
		TEST(the_last_look_waits_for_nothing),
		TEST(the_end_of_a_thread_does_not_cut_the_arguments),
		TEST(the_command_is_passed_over_once_before_its_exec_is_told),
		TEST(a_command_whose_exec_was_lost_is_seen_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
