/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Trees for tests: grown of processes, and described as a text. */
#ifndef TESTS_UNIT_TREE_DRAWN_H
#define TESTS_UNIT_TREE_DRAWN_H

#include <stdio.h>

#include "tree_support.h"

static inline struct tree *new_tree(void)
{
	return tree_new(&SCHEMA, CPU);
}

static inline void add_life(struct tree *tree, const struct process *process)
{
	assert_int_equal(tree_add(tree, &process->life), 0);
}

static inline void add(struct tree *tree, uint32_t pid, uint32_t parent, const char *comm)
{
	struct process process;

	add_life(tree, make(&process, pid, parent, comm));
}

static inline const struct tree_node *first(const struct tree *tree)
{
	return tree_top(tree)->children;
}

/* "sh(true*3 cc(as))": every node with its number of processes if not one. */
static void describe(const struct tree_node *node, char *text, size_t size)
{
	text[0] = '\0';
	for (; node; node = node->next) {
		size_t length = strlen(text);
		char below[1024];

		describe(node->children, below, sizeof(below));
		snprintf(text + length, size - length, "%s%s", length ? " " : "", node->name);
		length = strlen(text);
		if (node->processes != 1)
			snprintf(text + length, size - length, "*%d", (int)node->processes);
		length = strlen(text);
		if (below[0])
			snprintf(text + length, size - length, "(%s)", below);
	}
}

static inline void assert_tree(struct tree *tree, const char *expected)
{
	char text[1024];

	assert_int_equal(tree_settle(tree, TREE_VARIANTS_MAX), 0);
	describe(first(tree), text, sizeof(text));
	assert_string_equal(text, expected);
}

#endif
