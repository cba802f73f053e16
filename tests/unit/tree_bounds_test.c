/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* However many processes there are, the tree stays small, and counts all. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tree_drawn.h"

static uint64_t processes_below(const struct tree_node *node)
{
	uint64_t sum = 0;

	for (; node; node = node->next)
		sum += node->processes + processes_below(node->children);
	return sum;
}

static void tree_stays_small_and_counts_all_with_100000_alike(void **state)
{
	struct tree *tree = new_tree();

	for (uint32_t i = 0; i < 50000; i++) {
		add(tree, 1000 + 2 * i + 1, 1000 + 2 * i, "true");
		add(tree, 1000 + 2 * i, 1, "sh");
		assert_true(tree_n_nodes(tree) < 10);
	}
	add(tree, 1, 0, "sh");
	assert_tree(tree, "sh(sh*50000(true*50000))");
	tree_free(tree);
}

static void different_names_are_bounded_and_all_counted(void **state)
{
	struct tree *tree = new_tree();
	const struct tree_node *others = NULL;

	for (uint32_t pid = 2; pid < 50002; pid++) {
		char comm[16];

		snprintf(comm, sizeof(comm), "job-%u", pid);
		add(tree, pid, 1, comm);
	}
	add(tree, 1, 0, "sh");
	assert_in_range(tree_n_nodes(tree), 1000, TREE_NODES_MAX + 2);
	assert_int_equal(tree_settle(tree, TREE_VARIANTS_MAX), 0);
	for (const struct tree_node *node = first(tree); node; node = node->next) {
		if (strcmp(node->name, TREE_OTHERS) == 0)
			others = node;
	}
	assert_non_null(others);
	assert_in_range(others->processes, 50000 - TREE_NODES_MAX, 50000);
	assert_int_equal(processes_below(first(tree)), 50001);
	tree_free(tree);
}

static void parents_never_reported_are_bounded_and_their_children_counted(void **state)
{
	struct tree *tree = new_tree();

	for (uint32_t i = 0; i < 50000; i++)
		add(tree, 1000000 + i, 1000 + i, "orphan");
	assert_in_range(tree_n_nodes(tree), 1, TREE_NODES_MAX + 3);
	assert_int_equal(tree_settle(tree, TREE_VARIANTS_MAX), 0);
	assert_int_equal(processes_below(first(tree)), 50000);
	tree_free(tree);
}

static void chain_of_thousands_is_drawn_and_freed(void **state)
{
	struct tree *tree = new_tree();
	size_t depth = 0;

	for (uint32_t pid = 4000; pid > 0; pid--)
		add(tree, pid, pid - 1, "deep");
	assert_int_equal(tree_settle(tree, TREE_VARIANTS_MAX), 0);
	for (const struct tree_node *node = first(tree); node; node = node->children)
		depth++;
	assert_int_equal(depth, 4000);
	tree_free(tree);
}

static void circle_of_parents_does_not_hang(void **state)
{
	struct tree *tree = new_tree();

	add(tree, 5, 6, "a");
	add(tree, 6, 5, "b");
	add(tree, 7, 7, "c");
	assert_int_equal(tree_settle(tree, TREE_VARIANTS_MAX), 0);
	assert_int_equal(processes_below(first(tree)), 3);
	tree_free(tree);
}

/* --- folding by arguments --------------------------------------------------------------------- */

static void add_cc(struct tree *tree, uint32_t pid, const char *source, uint64_t cpu)
{
	char args[64];
	struct process process;

	make(&process, pid, 1, "cc1");
	process.life.args_length =
		(size_t)snprintf(args, sizeof(args), "cc1%c-quiet%c%s", 0, 0, source) + 1;
	process.life.args = args;
	process.values[CPU].u64 = cpu;
	add_life(tree, &process);
}

static void processes_with_the_same_telling_argument_are_alike(void **state)
{
	struct tree *tree = new_tree();

	add_cc(tree, 2, "src/a.c", 5);
	add_cc(tree, 3, "src/b.c", 7);
	add_cc(tree, 4, "src/a.c", 1);
	add(tree, 1, 0, "make");
	assert_tree(tree, "make(cc1 cc1*2)"); /* the costlier first */
	assert_string_equal(first(tree)->children->detail, "\x1a/b.c");
	assert_string_equal(first(tree)->children->next->detail, "\x1a/a.c");
	assert_false(first(tree)->children->next->is_mixed);
	tree_free(tree);
}

static void too_many_different_arguments_become_one_node_that_names_the_costliest(void **state)
{
	struct tree *tree = new_tree();
	char source[16];

	for (uint32_t i = 0; i < 1000; i++) {
		snprintf(source, sizeof(source), "x/%u.c", i);
		add_cc(tree, 2 + i, source, i == 444 ? 9999 : i % 10);
		assert_true(tree_n_nodes(tree) < TREE_VARIANTS_MAX + 5);
	}
	add(tree, 1, 0, "make");
	assert_tree(tree, "make(cc1*1000)");
	assert_true(first(tree)->children->is_mixed);
	assert_string_equal(first(tree)->children->detail, "\x1a/444.c");
	assert_int_equal(first(tree)->children->own[CPU].u64, 9999 + 100 * 45 - 4);
	tree_free(tree);
}

static void settling_folds_more_than_so_many_different_arguments(void **state)
{
	struct tree *tree = new_tree();
	char text[64];

	add_cc(tree, 2, "a.c", 1);
	add_cc(tree, 3, "b.c", 2);
	add_cc(tree, 4, "c.c", 3);
	add(tree, 5, 1, "ld");
	add(tree, 1, 0, "make");
	assert_int_equal(tree_settle(tree, 3), 0);
	describe(first(tree), text, sizeof(text));
	assert_string_equal(text, "make(cc1 cc1 cc1 ld)");
	assert_int_equal(tree_settle(tree, 2), 0);
	describe(first(tree), text, sizeof(text));
	assert_string_equal(text, "make(cc1*3 ld)");
	tree_free(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tree_stays_small_and_counts_all_with_100000_alike),
		cmocka_unit_test(different_names_are_bounded_and_all_counted),
		cmocka_unit_test(parents_never_reported_are_bounded_and_their_children_counted),
		cmocka_unit_test(chain_of_thousands_is_drawn_and_freed),
		cmocka_unit_test(circle_of_parents_does_not_hang),
		cmocka_unit_test(processes_with_the_same_telling_argument_are_alike),
		cmocka_unit_test(
			too_many_different_arguments_become_one_node_that_names_the_costliest),
		cmocka_unit_test(settling_folds_more_than_so_many_different_arguments),
	};

	return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
