/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The summary in the width and height of a terminal. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tree/view/flow.h"
#include "view_text_support.h"

static struct life_value u64(uint64_t value)
{
	return (struct life_value){.type = VALUE_U64, .u64 = value};
}

/* --- layout ----------------------------------------------------------------------------------- */

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

static unsigned lines_of(const char *text)
{
	unsigned lines = 0;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
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

/* --- what fits on a screen -------------------------------------------------------------------- */

static void short_summary_fills_at_most_a_screen_with_the_most_expensive(void **state)
{
	struct run_notice notice = {REPORT_LOSS, "7 things were lost"};
	struct fixture f;
	char comm[16];

	for (int full = 0; full < 2; full++) {
		begin(&f);
		for (uint32_t pid = 2; pid < 102; pid++) {
			snprintf(comm, sizeof(comm), "job-%u", pid);
			add(&f, pid, 1, comm, pid == 99 ? 1000 : 1, 1, 0);
		}
		add(&f, 1, 0, "sh", 0, 1, 0);
		f.view.is_full = full;
		f.view.n_notices = 1;
		f.view.notices = &notice;
		show(&f, 80, 24);
		assert_non_null(strstr(f.text, "job-99"));
		assert_non_null(strstr(f.text, "  missing      7 things were lost\n"));
		if (full) {
			assert_in_range(lines_of(f.text), 101, 130);
			assert_null(strstr(f.text, "--summary=full"));
		} else {
			assert_in_range(lines_of(f.text), 19, 23);
			assert_non_null(strstr(f.text, ": --summary=full shows all\n"));
			assert_null(strstr(f.text, "job-98"));
		}
		end(&f);
	}
}

/* make, sh, make, sh …, each of which starts a compiler, too, that does the work. */
static void what_only_starts_others_is_left_out_first(void **state)
{
	struct fixture f;
	char comm[16];

	begin(&f);
	for (uint32_t pid = 40; pid > 1; pid--) {
		snprintf(comm, sizeof(comm), "cc1-%u", pid);
		add(&f, 100 + pid, pid, comm, 1000000 + 1000 * pid, 1, 0);
		add(&f, pid, pid - 1, pid % 2 ? "make" : "sh", 10, 1, 0);
	}
	add(&f, 1, 0, "make", 10, 1, 0);
	show(&f, 80, 24);
	assert_in_range(lines_of(f.text), 12, 23);
	assert_non_null(strstr(f.text, "\n  make "));
	assert_non_null(strstr(f.text, "\n  |- ~ cc1-40 "));
	assert_null(strstr(f.text, " sh "));
	assert_null(strstr(f.text, "- make"));
	/* Where there is room, everything is where it belongs. */
	show(&f, 200, 200);
	assert_non_null(strstr(f.text, "- sh "));
	assert_null(strstr(f.text, "~ cc1"));
	end(&f);
}

static void lines_left_out_are_counted_with_their_weight(void **state)
{
	unsigned shown = 0, left_out = 0;
	double percent = 0;
	struct fixture f;
	char comm[16];

	begin(&f);
	for (uint32_t pid = 2; pid < 102; pid++) {
		snprintf(comm, sizeof(comm), "job-%u", pid);
		add(&f, pid, 1, comm, 1000, 1, 0);
	}
	add(&f, 1, 0, "sh", 0, 1, 0);
	show(&f, 80, 30);
	for (const char *at = f.text; (at = strstr(at, " job-")); at++)
		shown++;
	assert_int_equal(sscanf(strstr(f.text, " more lines") - 4, "%u more lines with %lf %%",
	                        &left_out, &percent),
	                 2);
	assert_int_equal(shown + left_out, 100);
	assert_int_equal((int)percent, left_out);
	end(&f);
}

static void the_costliest_processes_are_listed_where_the_tree_folds_them(void **state)
{
	struct fixture f;

	begin(&f);
	for (uint32_t pid = 2; pid < 50; pid++)
		add(&f, pid, 1, "cc1", 1000000 * pid, 10 * pid, 0);
	add(&f, 1, 0, "make", 5, 1, 0);
	show(&f, 80, 50);
	assert_non_null(strstr(f.text, "\n  costliest processes  CPU ms    %  peak MiB  wall ms\n"
	                               "  cc1                   49.00  4.0     1.914    98.00\n"
	                               "  cc1                   48.00  3.9     1.875    96.00\n"));
	end(&f);
	/* Nothing new in it where each has a line of its own. */
	begin(&f);
	add(&f, 2, 1, "cc1", 1000000, 10, 0);
	add(&f, 1, 0, "make", 5, 1, 0);
	assert_null(strstr(show(&f, 80, 50), "costliest"));
	end(&f);
}

static void add_sleep(struct fixture *f, uint32_t pid, uint64_t cpu_ns)
{
	static const char args[] = "sleep\0" "0.2";
	struct process process;

	make(&process, pid, pid == 1 ? 0 : 1, "sleep");
	process.life.args = args;
	process.life.args_length = sizeof(args);
	process.values[CPU].u64 = cpu_ns;
	assert_int_equal(tree_add(f->tree, &process.life), 0);
}

static void many_that_are_alike_are_not_listed_one_by_one(void **state)
{
	struct fixture f;

	begin(&f);
	for (uint32_t pid = 2; pid < 50; pid++)
		add_sleep(&f, pid, 1000000 + pid);
	add(&f, 1, 0, "make", 5, 1, 0);
	assert_null(strstr(show(&f, 80, 50), "costliest"));
	end(&f);
	/* One of them stands out. */
	begin(&f);
	for (uint32_t pid = 2; pid < 50; pid++)
		add_sleep(&f, pid, pid == 9 ? 90000000 : 1000000 + pid);
	add(&f, 1, 0, "make", 5, 1, 0);
	assert_non_null(strstr(show(&f, 80, 50), "costliest processes"));
	end(&f);
}

static void arguments_are_shown_where_they_fit_exactly(void **state)
{
	struct fixture f;

	begin(&f);
	add_sleep(&f, 1, 5000000);
	assert_non_null(strstr(show(&f, 80, 24), "\n  sleep 0.2 "));
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

static void waits_are_told_when_they_matter(void **state)
{
	struct process process;
	struct fixture f;

	begin(&f);
	make(&process, 1, 0, "worker");
	process.values[CPU] = u64(1000000000);
	process.values[RUN_WAIT] = u64(500000000);
	process.values[DISK_WAIT] = u64(9000000); /* below a hundredth */
	assert_int_equal(tree_add(f.tree, &process.life), 0);
	show(&f, 80, 24);
	assert_non_null(strstr(f.text, "\n  waited       500 ms for a CPU: worker 500 ms\n"));
	assert_null(strstr(f.text, "disks"));
	end(&f);
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
		cmocka_unit_test(short_summary_fills_at_most_a_screen_with_the_most_expensive),
		cmocka_unit_test(what_only_starts_others_is_left_out_first),
		cmocka_unit_test(lines_left_out_are_counted_with_their_weight),
		cmocka_unit_test(the_costliest_processes_are_listed_where_the_tree_folds_them),
		cmocka_unit_test(many_that_are_alike_are_not_listed_one_by_one),
		cmocka_unit_test(arguments_are_shown_where_they_fit_exactly),
		cmocka_unit_test(a_list_that_goes_on_below_keeps_its_commas),
		cmocka_unit_test(waits_are_told_when_they_matter),
	};

	return cmocka_run_group_tests_name("view_layout", tests, NULL, NULL);
}
