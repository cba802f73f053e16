/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What processes gain of weights: from notes of CPUs, from whole accounts and from last records, in
 * whatever order they come, each gain once.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "processes_support.h"

/* Two counters, and a weight in two groups of CPUs. */
enum { FIRST_WEIGHT = 2, GROUPS = 2 };

static int make_weighed(void **state)
{
	struct witness *witness = malloc(sizeof(*witness));

	witness_init(witness, FIRST_WEIGHT + GROUPS);
	processes_set_weights(witness->table, FIRST_WEIGHT, GROUPS);
	*state = witness;
	return 0;
}

static bool tell_weight(struct witness *witness, const struct task_record *record, uint32_t group,
                        uint64_t weight)
{
	const struct weights_seen seen = {
		.weights = (const __u64[]){weight},
		.n = 1,
		.group = group,
		.groups_n = GROUPS,
	};

	return processes_task_weighed(witness->table, record->token, &seen);
}

struct gains {
	size_t n;
	uint64_t gained[GROUPS];
	int result;
};

static int take(void *data, struct process *process)
{
	struct gains *gains = data;

	gains->n++;
	for (size_t i = 0; i < GROUPS; i++) {
		gains->gained[i] += process->gained[i];
		process->gained[i] = 0;
	}
	return gains->result;
}

static void expect_gains(struct witness *witness, size_t n, uint64_t first, uint64_t second)
{
	struct gains gains = {.n = 0};

	assert_int_equal(processes_weigh(witness->table, take, &gains), 0);
	assert_int_equal(gains.n, n);
	assert_int_equal(gains.gained[0], first);
	assert_int_equal(gains.gained[1], second);
}

static void each_gain_is_taken_once_whatever_tells_of_it(void **state)
{
	struct witness *witness = *state;
	struct task_record leader = leader_of(ID);
	struct task_record thread = thread_from(&leader, 200, 1500);

	assert_false(tell_weight(witness, &leader, 0, 5)); /* not known yet */
	leader.seq = 2;
	leader.counters[FIRST_WEIGHT].count = 5;
	tell_alive(witness, &leader);
	expect_gains(witness, 1, 5, 0);
	expect_gains(witness, 0, 0, 0);
	assert_true(tell_weight(witness, &leader, 0, 8));
	assert_true(tell_weight(witness, &leader, 1, 2));
	expect_gains(witness, 1, 3, 2);
	leader.seq = 4;
	leader.counters[FIRST_WEIGHT].count = 9;
	leader.counters[FIRST_WEIGHT + 1].count = 2;
	tell_alive(witness, &leader);
	thread.counters[FIRST_WEIGHT + 1].count = 30;
	tell_ended(witness, thread, 3000); /* heard of by its end only */
	expect_gains(witness, 1, 1, 30);
	leader.counters[FIRST_WEIGHT].count = 12;
	tell_ended(witness, leader, 4000);
	assert_int_equal(processes_left(witness->table), 0);
	assert_false(tell_weight(witness, &leader, 0, 12));
	expect_gains(witness, 0, 0, 0);
}

/* It ran on two CPUs of a group, and the one that has the older number is asked last. */
static void an_older_number_changes_nothing(void **state)
{
	struct witness *witness = *state;
	struct task_record leader = leader_of(ID);

	tell_alive(witness, &leader);
	assert_true(tell_weight(witness, &leader, 0, 20));
	assert_true(tell_weight(witness, &leader, 0, 10));
	expect_gains(witness, 1, 20, 0);
	assert_true(tell_weight(witness, &leader, 0, 21));
	expect_gains(witness, 1, 1, 0);
}

static void the_rest_of_an_ended_process_is_with_its_end(void **state)
{
	struct witness *witness = *state;
	struct task_record a = leader_of(ID), b = leader_of(CHILD);

	tell_alive(witness, &a);
	tell_alive(witness, &b);
	assert_true(tell_weight(witness, &a, 0, 7));
	assert_true(tell_weight(witness, &b, 1, 3));
	tell_ended(witness, a, 3000); /* which takes it off the list */
	expect_gains(witness, 1, 0, 3);
}

static void a_visit_that_fails_ends_the_round(void **state)
{
	struct witness *witness = *state;
	struct task_record a = leader_of(ID), b = leader_of(CHILD);
	struct gains gains = {.result = -EIO};

	tell_alive(witness, &a);
	tell_alive(witness, &b);
	assert_true(tell_weight(witness, &a, 0, 7));
	assert_true(tell_weight(witness, &b, 0, 3));
	assert_int_equal(processes_weigh(witness->table, take, &gains), -EIO);
	assert_int_equal(gains.n, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_weighed, unmake)
	const struct CMUnitTest tests[] = {
		TEST(each_gain_is_taken_once_whatever_tells_of_it),
		TEST(an_older_number_changes_nothing),
		TEST(the_rest_of_an_ended_process_is_with_its_end),
		TEST(a_visit_that_fails_ends_the_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
