/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A tree and its view for each test, shown as text. */
#ifndef TESTS_UNIT_VIEW_TEXT_SUPPORT_H
#define TESTS_UNIT_VIEW_TEXT_SUPPORT_H

#include <stdio.h>
#include <stdlib.h>

#include "tree/view/view.h"
#include "tree_support.h"

struct fixture {
	struct tree *tree;
	struct view view;
	char *text; /* of the last show() */
	size_t size;
};

static inline void begin(struct fixture *fixture)
{
	setenv("LC_ALL", "C", 1);
	*fixture = (struct fixture){.tree = tree_new(&SCHEMA, CPU)};
	assert_non_null(fixture->tree);
	fixture->view = (struct view){.tree = fixture->tree, .more = "--summary=full"};
}

static inline void end(struct fixture *fixture)
{
	tree_free(fixture->tree);
	free(fixture->text);
}

static inline const char *show(struct fixture *fixture, unsigned columns, unsigned rows)
{
	FILE *file;

	free(fixture->text);
	fixture->view.columns = columns;
	fixture->view.rows = rows;
	file = open_memstream(&fixture->text, &fixture->size);
	assert_int_equal(view_text(&fixture->view, file), 0);
	fclose(file);
	return fixture->text;
}

static inline void add(struct fixture *fixture, uint32_t pid, uint32_t parent, const char *comm,
                       uint64_t cpu_ns, uint64_t faults, int wait_status)
{
	struct process process;

	make(&process, pid, parent, comm);
	process.life.end_ns += cpu_ns * 2;
	process.life.wait_status = wait_status;
	process.values[CPU].u64 = cpu_ns;
	process.values[FAULTS].u64 = faults;
	process.values[RSS].u64 = 4096 * faults;
	process.values[RUN_WAIT].u64 = 0;
	process.values[DISK_WAIT].u64 = 0;
	assert_int_equal(tree_add(fixture->tree, &process.life), 0);
}

/* 300 times true, a sleep that was killed, and their shell. */
static inline void two_commands(struct fixture *fixture)
{
	for (uint32_t pid = 2; pid < 302; pid++)
		add(fixture, pid, 1, "true", 1000000, 50, pid == 7 ? 256 : 0);
	add(fixture, 302, 1, "sleep", 17200, 2000, 15);
	add(fixture, 1, 0, "sh", 70000000, 12345, 0);
}

static inline struct life_value u64(uint64_t value)
{
	return (struct life_value){.type = VALUE_U64, .u64 = value};
}

#endif
