/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which tasks have changed since the last sample of the weights. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "kernel_played.h"

/* What a CPU does: in the round of now, or with late in the one before. */
static struct change *note(uint32_t cpu, uint32_t i, bool late)
{
	struct cpu_state *state = &fake->cpus[cpu];
	struct change *change =
		&fake->changes[cpu * fake->changes_n + state->changed_n % fake->changes_n];

	*change = (struct change){
		.task = 2 * i,
		.token = i,
		.weights = {100 * i},
		.round = fake->run.round - late,
	};
	change->check = change_check(change);
	state->changed_n++;
	return change;
}

static void expect_changed(size_t n)
{
	fake->n_given = 0;
	kernel_begin_round(fake->kernel);
	assert_int_equal(kernel_take_changes(fake->kernel), 0);
	assert_int_equal(fake->n_given, n);
}

static void begin_with_tasks(uint32_t n)
{
	for (uint32_t i = 1; i <= n; i++)
		add_task(&fake->tasks, i);
	expect_changed(n); /* nothing was noted before the first call */
}

static void only_those_that_ran_are_passed_on(void **state)
{
	begin_with_tasks(5);
	expect_changed(0);
	for (uint32_t round = 0; round < 2 * fake->changes_n; round++) {
		note(0, 1, false);
		note(1, 2 + round % 4, false);
		expect_changed(2);
		assert_int_equal(fake->given[0].cpu_ns, 1);
		assert_int_equal(fake->given[1].cpu_ns, 2 + round % 4);
	}
	note(0, 77, false); /* has ended meanwhile */
	expect_changed(0);
}

/* Of a task that is known only what it weighs: no account is looked up. */
static void the_known_cost_no_look_up(void **state)
{
	begin_with_tasks(5);
	fake->knows = true;
	fake->lookups = 0;
	note(0, 3, false);
	note(1, 4, false);
	expect_changed(2);
	assert_int_equal(fake->lookups, 0);
	assert_true(fake->given[0].is_weight && fake->given[1].is_weight);
	assert_int_equal(fake->given[0].cpu_ns, 300);
	assert_int_equal(fake->given[1].token, 4);
}

static void more_than_were_noted_are_all(void **state)
{
	begin_with_tasks(5);
	for (uint32_t i = 0; i <= fake->changes_n; i++)
		note(1, 1, false);
	expect_changed(5);
	expect_changed(0);
	fake->knows = true;
	for (uint32_t i = 0; i < ENTRIES_MAX; i++)
		note(1, 1, false);
	expect_changed(ENTRIES_MAX);
}

/*
 * Its CPU goes on writing into what it notes in a round. Taken in that round, the rest would be
 * missed; passed over by a snapshot of all, it has to be noted anew.
 */
static void what_is_noted_while_changes_are_taken_is_for_the_next_time(void **state)
{
	uint32_t round;

	begin_with_tasks(5);
	fake->knows = true;
	kernel_begin_round(fake->kernel);
	note(0, 1, true);
	note(0, 2, false);
	fake->n_given = 0;
	assert_int_equal(kernel_take_changes(fake->kernel), 0);
	assert_int_equal(fake->n_given, 1);
	assert_int_equal(fake->given[0].token, 1);
	expect_changed(1);
	assert_int_equal(fake->given[0].token, 2);

	for (uint32_t i = 0; i <= fake->changes_n; i++)
		note(1, 1, false);
	kernel_begin_round(fake->kernel);
	round = fake->run.round;
	note(1, 2, false);
	assert_int_equal(kernel_take_changes(fake->kernel), 0);
	assert_int_equal(fake->run.round, round + 1);
}

/* Its CPU has counted it, and only a part of it is to be seen yet. */
static void one_that_is_just_being_noted_is_for_the_next_time(void **state)
{
	struct change *change;

	begin_with_tasks(1);
	fake->knows = true;
	change = note(0, 1, false);
	change->weights[0]++;
	expect_changed(0);
	change->weights[0]--;
	expect_changed(1);
	expect_changed(0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
	const struct CMUnitTest tests[] = {
		TEST(only_those_that_ran_are_passed_on),
		TEST(the_known_cost_no_look_up),
		TEST(more_than_were_noted_are_all),
		TEST(what_is_noted_while_changes_are_taken_is_for_the_next_time),
		TEST(one_that_is_just_being_noted_is_for_the_next_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
