/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How the tree of processes grows, and which of them fold into one. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tree_drawn.h"

static void children_reported_before_their_parents_hang_below_them(void **state)
{
	struct tree *tree = new_tree();

	add(tree, 4, 3, "as");
	add(tree, 3, 2, "cc");
	add(tree, 2, 1, "make");
	add(tree, 1, 0, "sh");
	assert_tree(tree, "sh(make(cc(as)))");
	tree_free(tree);
}

static void equal_siblings_fold_into_one(void **state)
{
	struct tree *tree = new_tree();

	for (uint32_t pid = 2; pid < 302; pid++)
		add(tree, pid, 1, "true");
	add(tree, 302, 1, "false");
	add(tree, 1, 0, "sh");
	assert_tree(tree, "sh(true*300 false)");
	assert_int_equal(first(tree)->children->own[CPU].u64, 300);
	assert_int_equal(first(tree)->children->own[FAULTS].u64, 300);
	tree_free(tree);
}

static void children_of_folded_siblings_fold_too(void **state)
{
	struct tree *tree = new_tree();

	add(tree, 11, 10, "as");
	add(tree, 10, 1, "cc");
	add(tree, 21, 20, "as");
	add(tree, 22, 20, "ld");
	add(tree, 20, 1, "cc");
	add(tree, 1, 0, "make");
	assert_tree(tree, "make(cc*2(as*2 ld))");
	tree_free(tree);
}

static void child_of_an_ended_parent_hangs_under_what_that_was_folded_into(void **state)
{
	struct tree *tree = new_tree();

	add(tree, 3, 2, "daemon");
	add(tree, 2, 1, "start");
	add(tree, 4, 1, "start"); /* ends, folded, before its child does */
	add(tree, 5, 4, "daemon");
	add(tree, 1, 0, "sh");
	add(tree, 6, 4, "late");
	assert_tree(tree, "sh(start*2(daemon*2 late))");
	tree_free(tree);
}

static void keys_follow_through_several_folds(void **state)
{
	struct tree *tree = new_tree();

	/* 30 ends below a "b" that is itself folded twice before 30's child is reported. */
	add(tree, 4, 3, "c");
	add(tree, 3, 2, "b");
	add(tree, 2, 1, "a");
	add(tree, 30, 20, "c");
	add(tree, 20, 10, "b");
	add(tree, 10, 1, "a");
	add(tree, 40, 30, "d");
	add(tree, 1, 0, "sh");
	assert_tree(tree, "sh(a*2(b*2(c*2(d))))");
	tree_free(tree);
}

static void processes_without_a_parent_in_the_tree_stand_at_the_top(void **state)
{
	struct tree *tree = new_tree();

	add(tree, 5, 0, "sibling"); /* CLONE_PARENT: its parent is the agent */
	add(tree, 7, 6, "orphan");  /* 6 is never reported */
	add(tree, 1, 0, "sh");
	assert_tree(tree, "sh sibling orphan");
	tree_free(tree);
}

static void root_is_not_folded(void **state)
{
	struct tree *tree = new_tree();

	add(tree, 5, 0, "sh");
	add(tree, 1, 0, "sh");
	add(tree, 6, 0, "sh");
	assert_tree(tree, "sh sh*2");
	tree_free(tree);
}

static void reused_pid_is_another_process(void **state)
{
	struct tree *tree = new_tree();
	struct process process;

	add(tree, 3, 2, "x");
	add(tree, 2, 1, "first");
	make(&process, 2, 1, "second");
	process.life.key.start_ns = 100;
	process.life.begin_ns = 100;
	add_life(tree, &process);
	make(&process, 101, 2, "y");
	process.life.parent.start_ns = 100;
	add_life(tree, &process);
	add(tree, 1, 0, "sh");
	assert_tree(tree, "sh(first(x) second(y))");
	tree_free(tree);
}

static void failures_are_kept_when_folding(void **state)
{
	struct tree *tree = new_tree();
	struct process process;

	make(&process, 2, 1, "cc");

	process.life.wait_status = 9;
	add_life(tree, &process);
	add(tree, 3, 1, "cc");
	make(&process, 4, 1, "cc");
	process.life.ended = false;
	process.life.wait_status = 77; /* meaningless */
	add_life(tree, &process);
	add(tree, 1, 0, "make");
	assert_tree(tree, "make(cc*3)");
	assert_int_equal(first(tree)->children->failed, 1);
	assert_int_equal(first(tree)->children->running, 1);
	assert_int_equal(first(tree)->children->failed_status, 9);
	assert_int_equal(first(tree)->failed, 0);
	tree_free(tree);
}

static void ends_that_are_not_known_are_counted_apart(void **state)
{
	struct tree *tree = new_tree();
	struct process process;

	make(&process, 2, 1, "cc");
	process.life.status_hidden = true;
	process.life.wait_status = 77; /* meaningless */
	add_life(tree, &process);
	add(tree, 3, 1, "cc");
	add(tree, 1, 0, "make");
	assert_tree(tree, "make(cc*2)");
	assert_int_equal(first(tree)->children->failed, 0);
	assert_int_equal(first(tree)->children->unknown, 1);
	assert_int_equal(tree_totals(tree)->unknown, 1);
	assert_int_equal(tree_totals(tree)->failed, 0);
	assert_int_equal(tree_failures(tree)->processes, 0);
	tree_free(tree);
}

static void fork_without_exec_is_told_from_its_command(void **state)
{
	struct tree *tree = new_tree();
	struct process process;

	make(&process, 2, 1, "sh");

	process.life.executed = false;
	add_life(tree, &process);
	add(tree, 3, 1, "sh");
	add(tree, 1, 0, "sh");
	assert_tree(tree, "sh(sh (fork) sh)");
	tree_free(tree);
}

static void name_that_the_kernel_cut_is_completed_from_the_path(void **state)
{
	struct tree *tree = new_tree();
	struct process process;

	make(&process, 2, 1, "unattended-upgr");

	process.life.exe = "/usr/bin/unattended-upgrade";
	add_life(tree, &process);
	make(&process, 3, 1, "renamed-itself-");
	process.life.exe = "/usr/bin/unattended-upgrade";
	add_life(tree, &process);
	add(tree, 1, 0, "sh");
	assert_tree(tree, "sh(unattended-upgrade renamed-itself-)");
	tree_free(tree);
}

static void counter_without_value_makes_the_sum_partial(void **state)
{
	struct tree *tree = new_tree();
	struct process process;

	make(&process, 2, 1, "x");

	process.values[FAULTS] = (struct life_value){.type = VALUE_NONE, .u64 = 99};
	add_life(tree, &process);
	add(tree, 3, 1, "x");
	make(&process, 4, 1, "y");
	process.values[FAULTS] = (struct life_value){.type = VALUE_NONE, .u64 = 99};
	add_life(tree, &process);
	add(tree, 1, 0, "sh");
	assert_tree(tree, "sh(x*2 y)");
	assert_true(first(tree)->children->own[FAULTS].is_partial);
	assert_int_equal(first(tree)->children->own[FAULTS].u64, 1);
	assert_int_equal(first(tree)->children->next->own[FAULTS].type, VALUE_NONE);
	assert_true(first(tree)->inclusive[FAULTS].is_partial);
	assert_int_equal(first(tree)->inclusive[FAULTS].u64, 2);
	tree_free(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(children_reported_before_their_parents_hang_below_them),
		cmocka_unit_test(equal_siblings_fold_into_one),
		cmocka_unit_test(children_of_folded_siblings_fold_too),
		cmocka_unit_test(child_of_an_ended_parent_hangs_under_what_that_was_folded_into),
		cmocka_unit_test(keys_follow_through_several_folds),
		cmocka_unit_test(processes_without_a_parent_in_the_tree_stand_at_the_top),
		cmocka_unit_test(root_is_not_folded),
		cmocka_unit_test(reused_pid_is_another_process),
		cmocka_unit_test(failures_are_kept_when_folding),
		cmocka_unit_test(ends_that_are_not_known_are_counted_apart),
		cmocka_unit_test(fork_without_exec_is_told_from_its_command),
		cmocka_unit_test(name_that_the_kernel_cut_is_completed_from_the_path),
		cmocka_unit_test(counter_without_value_makes_the_sum_partial),
	};

	return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
