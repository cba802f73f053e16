/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The summary in the width of a terminal. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tree/view/flow.h"
#include "view_text_support.h"

/* In ASCII, where a byte is a cell. */
static unsigned widest(const char *text)
{
	unsigned widest = 0;

	while (*text) {
		unsigned length = (unsigned)strcspn(text, "\n");

		widest = length > widest ? length : widest;
		text += length + (text[length] == '\n');
	}
	return widest;
}

static void no_line_is_wider_than_the_terminal(void **state)
{
	char *argv[] = {"a-command", "with-many-arguments", "of-some-length", "each", NULL};
	const char *paths[] = {"/a/path/of/some/length/that/does/not/fit/on/the/narrowest.csv"};
	struct run_notice notice = {REPORT_LOSS, "a notice of some length with many words in it"};
	struct fixture f;

	for (unsigned columns = 40; columns < 160; columns++) {
		begin(&f);
		f.view.argv = argv;
		f.view.wall_ns = 1000000000;
		f.view.has_status = true;
		f.view.wait_status = 256;
		f.view.n_paths = 1;
		f.view.paths = paths;
		f.view.n_notices = 1;
		f.view.notices = &notice;
		f.view.is_full = columns % 2;
		for (uint32_t pid = 60; pid > 1; pid--)
			add(&f, pid, pid - 1, "somewhat-longer", 1000 * pid, 1, 256 * (pid % 3));
		two_commands(&f);
		show(&f, columns, 24);
		assert_in_range(widest(f.text), 1, columns);
		end(&f);
	}
}

static void columns_without_room_are_named(void **state)
{
	struct fixture f;

	begin(&f);
	two_commands(&f);
	assert_null(strstr(show(&f, 0, 0), "no room"));
	assert_non_null(strstr(f.text, "page-faults"));
	assert_non_null(strstr(show(&f, 58, 24), "\n  no room for columns: page-faults\n"));
	assert_non_null(strstr(f.text, "true x300 (1 failed)"));
	assert_non_null(strstr(show(&f, 46, 24), "\n  no room for columns: own ms, "));
	assert_non_null(strstr(f.text, "true x300 (1 failed)"));
	end(&f);
}

static void a_column_that_repeats_another_is_not_shown_but_named(void **state)
{
	struct life_field fields[] = {
		{.name = "cpu-time", .unit = &NS},
		{.name = "task-clock", .unit = &UNIT_NONE, .requested = true},
		{.name = "page-faults", .unit = &UNIT_NONE, .requested = true},
	};
	const struct life_schema schema = {.n = 3, .fields = fields};
	struct tree *tree = tree_new(&schema, 0);
	struct life_value values[3];
	struct process process;
	struct fixture f;

	begin(&f);
	f.view.tree = tree;
	for (uint32_t pid = 2; pid > 0; pid--) {
		make(&process, pid, pid - 1, pid == 1 ? "sh" : "x");
		values[0] = values[1] = u64(5000000 * pid);
		values[2] = u64(100);
		process.life.values = values;
		assert_int_equal(tree_add(tree, &process.life), 0);
	}
	show(&f, 0, 0);
	assert_non_null(strstr(f.text, "own ms  wall ns  page-faults\n"));
	assert_non_null(strstr(f.text, "\n  not shown: task-clock (same as own ms)\n"));
	/* The only name needs no room for a number of further ones. */
	assert_non_null(strstr(show(&f, 40, 24), "\n  not shown: task-clock (same as own ms)\n"));
	tree_free(tree);
	end(&f);
}

/* Whatever is narrower: a reader who names one first wants that one first. */
static void what_was_requested_first_has_its_column_first(void **state)
{
	struct life_field fields[] = {
		{.name = "cpu-time", .unit = &NS},
		{.name = "third", .unit = &UNIT_NONE, .requested = 3},
		{.name = "second-is-wider", .unit = &UNIT_NONE, .requested = 2},
		{.name = "first", .unit = &UNIT_NONE, .requested = 1},
	};
	const struct life_schema schema = {.n = 4, .fields = fields};
	struct tree *tree = tree_new(&schema, 0);
	struct life_value values[4];
	struct process process;
	struct fixture f;

	begin(&f);
	f.view.tree = tree;
	make(&process, 1, 0, "sh");
	for (uint32_t i = 0; i < 4; i++)
		values[i] = u64(i ? i : 5000000);
	process.life.values = values;
	assert_int_equal(tree_add(tree, &process.life), 0);
	show(&f, 0, 0);
	assert_non_null(strstr(f.text, "first  second-is-wider  third\n"));
	show(&f, 45, 24);
	assert_non_null(strstr(f.text, "first\n"));
	assert_non_null(strstr(f.text, "\n  no room for columns: "));
	tree_free(tree);
	end(&f);
}

static void own_costs_are_left_out_where_nothing_is_below(void **state)
{
	struct fixture f;

	begin(&f);
	add(&f, 1, 0, "sleep", 5000000, 70, 0);
	show(&f, 0, 0);
	assert_non_null(strstr(f.text, "\n  command  CPU ms      %  wall ms  page-faults\n"
	                               "  sleep     5.000  100.0    10.00           70\n"));
	assert_null(strstr(f.text, "not shown"));
	end(&f);
}

static void names_stay_apart_from_numbers_on_the_narrowest_terminal(void **state)
{
	struct fixture f;

	for (unsigned columns = 1; columns < 30; columns++) {
		begin(&f);
		two_commands(&f);
		show(&f, columns, 24);
		assert_non_null(strstr(f.text, "\n  command "));
		assert_non_null(strstr(f.text, "  sh "));
		assert_non_null(strstr(f.text, " tr"));
		end(&f);
	}
}

static void a_notice_goes_on_below_where_the_terminal_ends(void **state)
{
	struct run_notice notice = {REPORT_NOTE, "12 words of a notice that is longer than it"};
	struct fixture f;

	begin(&f);
	f.view.tree = NULL;
	f.view.n_notices = 1;
	f.view.notices = &notice;
	assert_non_null(strstr(show(&f, 40, 24), "\n  note         12 words of a notice that\n"
	                                         "               is longer than it\n"));
	end(&f);
}

static void a_command_of_several_lines_is_one_line_of_the_heading(void **state)
{
	char script[300] = "\n  first line of a script  \n\n\tsecond\n";
	char *argv[] = {"sh", "-c", script, NULL};
	struct fixture f;

	begin(&f);
	f.view.tree = NULL;
	f.view.argv = argv;
	f.view.wall_ns = 1;
	assert_string_equal(show(&f, 40, 24),
	                    "\nsh -c first line of a script second\n  wall time    1 ns\n");
	memset(script, 'a', 200);
	memset(script + 100, 'z', 100);
	script[200] = '\0';
	show(&f, 40, 24);
	assert_int_equal(strcspn(f.text + 1, "\n"), 40);
	assert_non_null(strstr(f.text, "a~z"));
	end(&f);
}

static void a_list_that_goes_on_below_keeps_its_commas(void **state)
{
	struct text_signs signs;
	struct text_line item;
	struct flow flow;
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	text_signs_init_utf8(&signs);
	flow_start(&flow, file, &signs, 32, "title", TEXT_PLAIN);
	flow_words(&flow, "first:");
	flow.indent = 2;
	flow.is_list = true;
	flow.gap = " ";
	for (size_t i = 0; i < 3; i++) {
		text_start(&item, &signs);
		text_put(&item, "1234567890");
		flow_item(&flow, &item);
		flow.gap = ", ";
	}
	flow_end(&flow);
	fclose(file);
	assert_string_equal(text, "  title        first:\n"
	                          "                 1234567890,\n"
	                          "                 1234567890,\n"
	                          "                 1234567890\n");
	text_signs_fini(&signs);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_line_is_wider_than_the_terminal),
		cmocka_unit_test(columns_without_room_are_named),
		cmocka_unit_test(a_column_that_repeats_another_is_not_shown_but_named),
		cmocka_unit_test(what_was_requested_first_has_its_column_first),
		cmocka_unit_test(own_costs_are_left_out_where_nothing_is_below),
		cmocka_unit_test(names_stay_apart_from_numbers_on_the_narrowest_terminal),
		cmocka_unit_test(a_notice_goes_on_below_where_the_terminal_ends),
		cmocka_unit_test(a_command_of_several_lines_is_one_line_of_the_heading),
		cmocka_unit_test(a_list_that_goes_on_below_keeps_its_commas),
	};

	return cmocka_run_group_tests_name("view_layout", tests, NULL, NULL);
}
