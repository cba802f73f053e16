/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "outputs/summary/tree.h"

/* A process that began when its pid says and cost one nanosecond and one event. */
static struct process_report process(uint32_t pid, uint32_t parent, const char *comm)
{
	static const struct process_counter one = {.has_value = true, .value = 1};

	return (struct process_report){
		.key = {.pid = pid, .start_ns = pid},
		.parent = {.pid = parent, .start_ns = parent},
		.is_root = pid == 1,
		.ended = true,
		.executed = true,
		.begin_ns = pid,
		.comm = comm,
		.exe = "",
		.cpu_ns = 1,
		.threads = 1,
		.n_counters = 1,
		.counters = &one,
	};
}

static void add(struct tree *tree, uint32_t pid, uint32_t parent, const char *comm)
{
	struct process_report report = process(pid, parent, comm);

	assert_int_equal(tree_add(tree, &report), 0);
}

/* "sh(true*3 cc(as))": every node with its number of processes if not one. */
static void describe(const struct tree_node *node, char *text, size_t size)
{
	text[0] = '\0';
	for (; node; node = node->next) {
		size_t length = strlen(text);
		char below[1024];

		describe(node->children, below, sizeof(below));
		snprintf(text + length, size - length, "%s%s", length ? " " : "", node->label);
		length = strlen(text);
		if (node->processes != 1)
			snprintf(text + length, size - length, "*%d", (int)node->processes);
		length = strlen(text);
		if (below[0])
			snprintf(text + length, size - length, "(%s)", below);
	}
}

static void assert_tree(struct tree *tree, const char *expected)
{
	char text[1024];

	tree_settle(tree);
	describe(tree_first(tree), text, sizeof(text));
	assert_string_equal(text, expected);
}

static void children_reported_before_their_parents_hang_below_them(void **state)
{
	struct tree *tree = tree_new(1);

	add(tree, 4, 3, "as");
	add(tree, 3, 2, "cc");
	add(tree, 2, 1, "make");
	add(tree, 1, 0, "sh");
	assert_tree(tree, "sh(make(cc(as)))");
	tree_free(tree);
}

static void equal_siblings_fold_into_one(void **state)
{
	struct tree *tree = tree_new(1);

	for (uint32_t pid = 2; pid < 302; pid++)
		add(tree, pid, 1, "true");
	add(tree, 302, 1, "false");
	add(tree, 1, 0, "sh");
	assert_tree(tree, "sh(true*300 false)");
	assert_int_equal(tree_first(tree)->children->cpu_ns, 300);
	assert_int_equal(tree_first(tree)->children->counters[0].value, 300);
	tree_free(tree);
}

static void children_of_folded_siblings_fold_too(void **state)
{
	struct tree *tree = tree_new(1);

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
	struct tree *tree = tree_new(1);

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
	struct tree *tree = tree_new(1);

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
	struct tree *tree = tree_new(1);

	add(tree, 5, 0, "sibling"); /* CLONE_PARENT: its parent is the agent */
	add(tree, 7, 6, "orphan");  /* 6 is never reported */
	add(tree, 1, 0, "sh");
	assert_tree(tree, "sh sibling orphan");
	tree_free(tree);
}

static void root_is_not_folded(void **state)
{
	struct tree *tree = tree_new(1);

	add(tree, 5, 0, "sh");
	add(tree, 1, 0, "sh");
	add(tree, 6, 0, "sh");
	assert_tree(tree, "sh sh*2");
	tree_free(tree);
}

static void reused_pid_is_another_process(void **state)
{
	struct tree *tree = tree_new(1);
	struct process_report report;

	add(tree, 3, 2, "x");
	add(tree, 2, 1, "first");
	report = process(2, 1, "second");
	report.key.start_ns = 100;
	report.begin_ns = 100;
	assert_int_equal(tree_add(tree, &report), 0);
	report = process(101, 2, "y");
	report.parent.start_ns = 100;
	assert_int_equal(tree_add(tree, &report), 0);
	add(tree, 1, 0, "sh");
	assert_tree(tree, "sh(first(x) second(y))");
	tree_free(tree);
}

static void failures_are_kept_when_folding(void **state)
{
	struct tree *tree = tree_new(1);
	struct process_report report = process(2, 1, "cc");

	report.wait_status = 9;
	assert_int_equal(tree_add(tree, &report), 0);
	add(tree, 3, 1, "cc");
	report = process(4, 1, "cc");
	report.ended = false;
	report.wait_status = 77; /* meaningless */
	assert_int_equal(tree_add(tree, &report), 0);
	add(tree, 1, 0, "make");
	assert_tree(tree, "make(cc*3)");
	assert_int_equal(tree_first(tree)->children->failed, 1);
	assert_int_equal(tree_first(tree)->children->running, 1);
	assert_int_equal(tree_first(tree)->children->failed_status, 9);
	assert_int_equal(tree_first(tree)->failed, 0);
	tree_free(tree);
}

static void fork_without_exec_is_told_from_its_command(void **state)
{
	struct tree *tree = tree_new(1);
	struct process_report report = process(2, 1, "sh");

	report.executed = false;
	assert_int_equal(tree_add(tree, &report), 0);
	add(tree, 3, 1, "sh");
	add(tree, 1, 0, "sh");
	assert_tree(tree, "sh(sh (fork) sh)");
	tree_free(tree);
}

static void name_that_the_kernel_cut_is_completed_from_the_path(void **state)
{
	struct tree *tree = tree_new(1);
	struct process_report report = process(2, 1, "unattended-upgr");

	report.exe = "/usr/bin/unattended-upgrade";
	assert_int_equal(tree_add(tree, &report), 0);
	report = process(3, 1, "renamed-itself-");
	report.exe = "/usr/bin/unattended-upgrade";
	assert_int_equal(tree_add(tree, &report), 0);
	add(tree, 1, 0, "sh");
	assert_tree(tree, "sh(unattended-upgrade renamed-itself-)");
	tree_free(tree);
}

static void counter_without_value_makes_the_sum_partial(void **state)
{
	struct tree *tree = tree_new(1);
	const struct process_counter none = {.has_value = false, .value = 99};
	struct process_report report = process(2, 1, "x");

	report.counters = &none;
	assert_int_equal(tree_add(tree, &report), 0);
	add(tree, 3, 1, "x");
	report = process(4, 1, "y");
	report.counters = &none;
	assert_int_equal(tree_add(tree, &report), 0);
	add(tree, 1, 0, "sh");
	assert_tree(tree, "sh(x*2 y)");
	assert_true(tree_first(tree)->children->counters[0].is_partial);
	assert_int_equal(tree_first(tree)->children->counters[0].value, 1);
	assert_false(tree_first(tree)->children->next->counters[0].has_value);
	tree_free(tree);
}

static uint64_t processes_below(const struct tree_node *node)
{
	uint64_t sum = 0;

	for (; node; node = node->next)
		sum += node->processes + processes_below(node->children);
	return sum;
}

static void tree_stays_small_and_counts_all_with_100000_alike(void **state)
{
	struct tree *tree = tree_new(1);

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
	struct tree *tree = tree_new(1);
	const struct tree_node *others = NULL;

	for (uint32_t pid = 2; pid < 50002; pid++) {
		char comm[16];

		snprintf(comm, sizeof(comm), "job-%u", pid);
		add(tree, pid, 1, comm);
	}
	add(tree, 1, 0, "sh");
	assert_in_range(tree_n_nodes(tree), 1000, TREE_NODES_MAX + 2);
	tree_settle(tree);
	for (const struct tree_node *node = tree_first(tree); node; node = node->next) {
		if (strcmp(node->label, TREE_OTHERS) == 0)
			others = node;
	}
	assert_non_null(others);
	assert_in_range(others->processes, 50000 - TREE_NODES_MAX, 50000);
	assert_int_equal(processes_below(tree_first(tree)), 50001);
	tree_free(tree);
}

static void parents_never_reported_are_bounded_and_their_children_counted(void **state)
{
	struct tree *tree = tree_new(1);

	for (uint32_t i = 0; i < 50000; i++)
		add(tree, 1000000 + i, 1000 + i, "orphan");
	assert_in_range(tree_n_nodes(tree), 1, TREE_NODES_MAX + 3);
	tree_settle(tree);
	assert_int_equal(processes_below(tree_first(tree)), 50000);
	tree_free(tree);
}

static void chain_of_thousands_is_drawn_and_freed(void **state)
{
	struct tree *tree = tree_new(1);
	size_t depth = 0;

	for (uint32_t pid = 4000; pid > 0; pid--)
		add(tree, pid, pid - 1, "deep");
	tree_settle(tree);
	for (const struct tree_node *node = tree_first(tree); node; node = node->children)
		depth++;
	assert_int_equal(depth, 4000);
	tree_free(tree);
}

static void circle_of_parents_does_not_hang(void **state)
{
	struct tree *tree = tree_new(1);

	add(tree, 5, 6, "a");
	add(tree, 6, 5, "b");
	add(tree, 7, 7, "c");
	tree_settle(tree);
	assert_int_equal(processes_below(tree_first(tree)), 3);
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
		cmocka_unit_test(fork_without_exec_is_told_from_its_command),
		cmocka_unit_test(name_that_the_kernel_cut_is_completed_from_the_path),
		cmocka_unit_test(counter_without_value_makes_the_sum_partial),
		cmocka_unit_test(tree_stays_small_and_counts_all_with_100000_alike),
		cmocka_unit_test(different_names_are_bounded_and_all_counted),
		cmocka_unit_test(parents_never_reported_are_bounded_and_their_children_counted),
		cmocka_unit_test(chain_of_thousands_is_drawn_and_freed),
		cmocka_unit_test(circle_of_parents_does_not_hang),
	};

	return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
