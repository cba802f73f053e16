/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What sorts the tree, and the lists beside it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tree_drawn.h"

/* --- costs ------------------------------------------------------------------------------------ */

static void inclusive_costs_are_those_of_all_below_and_sort_siblings(void **state)
{
	struct tree *tree = new_tree();
	struct process process;

	make(&process, 4, 3, "cc1");
	process.values[CPU].u64 = 900;
	process.values[RSS].u64 = 50;
	add_life(tree, &process);
	make(&process, 3, 1, "cc");
	process.values[RSS].u64 = 7;
	add_life(tree, &process);
	make(&process, 5, 1, "ld");
	process.values[CPU].u64 = 100;
	process.values[RSS].u64 = 80;
	add_life(tree, &process);
	make(&process, 1, 0, "make");
	add_life(tree, &process);
	assert_tree(tree, "make(cc(cc1) ld)");
	assert_int_equal(first(tree)->inclusive[CPU].u64, 1 + 1 + 900 + 100);
	assert_int_equal(first(tree)->own[CPU].u64, 1);
	assert_int_equal(first(tree)->inclusive[RSS].u64, 80); /* the largest, not the sum */
	assert_int_equal(first(tree)->children->inclusive[CPU].u64, 901);
	assert_int_equal(first(tree)->children->inclusive[RSS].u64, 50);
	assert_int_equal(tree_top(tree)->inclusive[CPU].u64, 1002);
	assert_int_equal(tree_top(tree)->inclusive[FAULTS].u64, 4);
	tree_free(tree);
}

static void a_peak_is_as_exact_as_the_largest(void **state)
{
	for (unsigned int child = 50; child <= 90; child += 40) {
		struct tree *tree = new_tree();
		struct process process;

		make(&process, 2, 1, "cc1");
		process.values[RSS].u64 = child;
		add_life(tree, &process);
		make(&process, 1, 0, "make");
		process.values[RSS].u64 = 80;
		process.values[RSS].estimated = 80;
		add_life(tree, &process);
		assert_tree(tree, "make(cc1)");
		assert_int_equal(first(tree)->inclusive[RSS].u64, child > 80 ? child : 80);
		assert_true(first(tree)->inclusive[RSS].estimated == (child > 80 ? 0 : 80));
		assert_true(first(tree)->own[RSS].estimated == 80);
		tree_free(tree);
	}
}

/* Hosts and ranks: sums without processes, never folded, and nothing of theirs is missing. */
static void groups_stand_above_the_processes_in_them(void **state)
{
	const struct process_key host = {1, UINT64_MAX}, rank = {2, UINT64_MAX};
	const struct tree_group groups[] = {
		{.key = rank, .parent = host, .name = "rank 0", .begin_ns = 3, .end_ns = 9},
		{.key = {2, UINT64_MAX - 1}, .parent = host, .name = "rank 0"},
		{.key = host, .name = "n1", .begin_ns = 1, .end_ns = 9},
	};
	struct tree *tree = new_tree();
	const struct tree_node *top;
	struct process process;

	for (uint32_t pid = 11; pid < 14; pid++) {
		make(&process, pid, 0, "solver");
		process.life.parent = pid == 13 ? groups[1].key : rank;
		add_life(tree, &process);
	}
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		assert_int_equal(tree_add_group(tree, &groups[i]), 0);
	assert_tree(tree, "n1*0(rank 0*0(solver*2) rank 0*0(solver))");
	top = first(tree);
	assert_int_equal(top->inclusive[CPU].u64, 3);
	assert_false(top->inclusive[CPU].is_partial);
	assert_int_equal(top->own[CPU].type, VALUE_NONE);
	assert_int_equal(top->children->inclusive[CPU].u64, 2);
	assert_int_equal(top->children->begin_ns, 3);
	assert_int_equal(tree_totals(tree)->processes, 3);
	tree_free(tree);
}

static void anything_that_is_measured_can_sort_it(void **state)
{
	static const struct {
		const char *by, *expected;
	} cases[] = {
		{"cpu", "sh(a b c)"},    {"cpu-time", "sh(a b c)"},    {"page-faults", "sh(b a c)"},
		{"rss", "sh(c a b)"},    {"PAGE-FAULTS", "sh(b a c)"}, {"wall", "sh(c b a)"},
		{"energy", "sh(b c a)"}, {NULL, "sh(b c a)"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct process process;
		struct tree *tree;
		int by;

		assert_int_equal(tree_criterion(&SCHEMA_WITH_ENERGY, cases[i].by, &by), 0);
		tree = tree_new(&SCHEMA_WITH_ENERGY, by);
		for (uint32_t k = 0; k < 3; k++) {
			make(&process, 2 + k, 1, (const char *const[]){"a", "b", "c"}[k]);
			process.life.end_ns += 10 * k;
			process.values[CPU].u64 = 30 - k;
			process.values[FAULTS].u64 = k == 1 ? 9 : 5 - k;
			process.values[RSS].u64 = k == 2 ? 9 : 5 - k;
			process.values[JOULES].f64 = k == 1 ? 0.5 : k * 0.125;
			add_life(tree, &process);
		}
		add_life(tree, make(&process, 1, 0, "sh"));
		assert_tree(tree, cases[i].expected);
		tree_free(tree);
	}
}

static void what_is_not_measured_sorts_nothing(void **state)
{
	int by;

	assert_int_equal(tree_criterion(&SCHEMA, "energy", &by), -ENOENT);
	assert_int_equal(tree_criterion(&SCHEMA, "cycles", &by), -ENOENT);
	assert_int_equal(tree_criterion(&SCHEMA, NULL, &by), 0);
	assert_int_equal(by, CPU);
}

/* --- beside the tree -------------------------------------------------------------------------- */

static void the_costliest_are_kept_of_any_number_in_any_order(void **state)
{
	struct tree *tree = new_tree();
	const struct ranking *ranking;
	struct process process;

	/* Costs 1 to 10 007, each once,, in an order that jumps. */
	for (uint32_t i = 1; i <= 10007; i++) {
		make(&process, 1 + i, 1, "x");
		process.values[CPU].u64 = (uint64_t)i * 4321 % 10009;
		add_life(tree, &process);
	}
	assert_int_equal(tree_settle(tree, 1), 0);
	ranking = tree_costliest(tree);
	assert_int_equal(ranking->n, TREE_COSTLIEST_MAX);
	for (size_t i = 1; i < ranking->n; i++)
		assert_true(ranking->entries[i - 1]->cost == ranking->entries[i]->cost + 1 ||
		            ranking->entries[i - 1]->cost == ranking->entries[i]->cost + 2);
	assert_true(ranking->entries[0]->cost >= 10007);
	assert_true(ranking->entries[0]->values[CPU].u64 == ranking->entries[0]->cost);
	tree_free(tree);
}

static void causes_of_failure_come_before_what_they_brought_about(void **state)
{
	struct tree *tree = new_tree();
	const struct failures *failures;
	struct process process;

	make(&process, 30, 20, "cc1");
	process.life.wait_status = 1 << 8;
	add_life(tree, &process);
	make(&process, 20, 1, "gcc");
	process.life.wait_status = 1 << 8;
	add_life(tree, &process);
	for (uint32_t pid = 100; pid < 120; pid++) {
		make(&process, pid, 1, "test");
		process.life.wait_status = 1 << 8;
		add_life(tree, &process);
	}
	make(&process, 40, 1, "worker");
	process.life.wait_status = 11 | 0x80;
	add_life(tree, &process);
	make(&process, 1, 0, "make");
	process.life.wait_status = 2 << 8;
	add_life(tree, &process);
	assert_int_equal(tree_settle(tree, 3), 0);
	failures = tree_failures(tree);
	assert_int_equal(failures->processes, 24);
	assert_int_equal(failures->n, 5);
	assert_string_equal(failures->groups[0].label.name, "worker");
	assert_string_equal(failures->groups[1].label.name, "cc1");
	assert_string_equal(failures->groups[2].label.name, "test");
	assert_int_equal(failures->groups[2].processes, 20);
	assert_false(failures->groups[3].is_cause);
	assert_false(failures->groups[4].is_cause);
	tree_free(tree);
}

/* A pipeline's writer and reader, then the shell. Returns the name that comes first. */
static const char *first_failure(struct tree *tree, int shell_status)
{
	struct process process;

	make(&process, 20, 1, "yes");
	process.life.wait_status = 13;
	add_life(tree, &process);
	make(&process, 1, 0, "sh");
	process.life.wait_status = shell_status;
	add_life(tree, &process);
	assert_int_equal(tree_settle(tree, 3), 0);
	assert_int_equal(tree_failures(tree)->n, 2);
	return tree_failures(tree)->groups[0].label.name;
}

static void a_writer_without_readers_is_not_a_cause(void **state)
{
	struct tree *tree = new_tree();

	assert_string_equal(first_failure(tree, 3 << 8), "sh");
	assert_true(tree_failures(tree)->groups[0].is_cause);
	tree_free(tree);
	tree = new_tree();
	assert_string_equal(first_failure(tree, 141 << 8), "yes");
	assert_false(tree_failures(tree)->groups[1].is_cause);
	tree_free(tree);
}

static void ends_are_described_in_words(void **state)
{
	char text[FAILURE_TEXT_SIZE];

	failure_describe(0, false, text);
	assert_string_equal(text, "");
	failure_describe(3 << 8, false, text);
	assert_string_equal(text, "exit 3");
	failure_describe(9, true, text);
	assert_string_equal(text, "SIGKILL, out of memory");
	failure_describe(11 | 0x80, false, text);
	assert_string_equal(text, "SIGSEGV, core dumped");
	failure_describe(40, false, text);
	assert_string_equal(text, "SIGRTMIN+6");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inclusive_costs_are_those_of_all_below_and_sort_siblings),
		cmocka_unit_test(a_peak_is_as_exact_as_the_largest),
		cmocka_unit_test(groups_stand_above_the_processes_in_them),
		cmocka_unit_test(anything_that_is_measured_can_sort_it),
		cmocka_unit_test(what_is_not_measured_sorts_nothing),
		cmocka_unit_test(the_costliest_are_kept_of_any_number_in_any_order),
		cmocka_unit_test(causes_of_failure_come_before_what_they_brought_about),
		cmocka_unit_test(a_writer_without_readers_is_not_a_cause),
		cmocka_unit_test(ends_are_described_in_words),
	};

	return cmocka_run_group_tests_name("tree_costs", tests, NULL, NULL);
}
