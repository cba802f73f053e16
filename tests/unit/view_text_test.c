/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tree/hot.h"
#include "tree/view/scale.h"
#include "view_text_support.h"

/* --- the whole -------------------------------------------------------------------------------- */

static void shows_times_energy_tree_failures_and_the_file(void **state)
{
	char *argv[] = {"sh", "-c", "true; true", NULL};
	const char *paths[] = {"alumet-output.csv"};
	struct energy_sum energy[] = {{"package", RESOURCE_CPU_PACKAGE, 0, 3.25},
	                              {"dram", RESOURCE_DRAM, 0, 0.5},
	                              {"platform", RESOURCE_LOCAL_MACHINE, 0, 50}};
	struct energy_sums energies = {.sums = energy, .n = 3};
	struct run_figure figures[] = {{"others", 1.5, &UNIT_JOULE, "by their CPU time"},
	                               {"idle", 1.25, &UNIT_JOULE, NULL}};
	struct run_notice notices[] = {{REPORT_NOTE, "a small thing"},
	                               {REPORT_LOSS, "a large one"}};
	struct fixture f;

	begin(&f);
	two_commands(&f);
	f.view.argv = argv;
	f.view.wall_ns = 1234000000;
	f.view.has_status = true;
	f.view.wait_status = 3 << 8;
	f.view.energies = &energies;
	f.view.n_figures = 2;
	f.view.figures = figures;
	f.view.n_notices = 2;
	f.view.notices = notices;
	f.view.n_paths = 1;
	f.view.paths = paths;
	assert_string_equal(
		show(&f, 0, 0),
		"\n"
		"sh -c true; true  (exit 3)\n"
		"  wall time    1.23 s\n"
		"  CPU time     370 ms, 0.30 CPUs busy\n"
		"  processes    302, 2 failed\n"
		"  energy       package-0 3.25 J   dram-0 0.500 J   platform 50.0 J\n"
		"               others 1.50 J   idle 1.25 J\n"
		"               others by their CPU time\n"
		"\n"
		"  command                  CPU ms      %  own ms  wall ms  page-faults\n"
		"  sh                        370.0  100.0    70.0    140.0        12345\n"
		"  |- true x300 (1 failed)   300.0   81.1   300.0      2.0        15000\n"
		"  `- sleep (SIGTERM)          0.0    0.0     0.0      0.0         2000\n"
		"  total                     370.0  100.0   370.0                 29345\n"
		"\n"
		"  failed       SIGTERM: sleep (pid 302)\n"
		"               exit 1: true (pid 7)\n"
		"  missing      a large one\n"
		"  note         a small thing\n"
		"  rows in      alumet-output.csv\n");
	end(&f);
}

static void draws_boxes_where_the_locale_is_utf8(void **state)
{
	struct fixture f;

	begin(&f);
	two_commands(&f);
	setenv("LC_ALL", "C.UTF-8", 1);
	show(&f, 80, 24);
	assert_non_null(strstr(f.text, "\n  ├─ true ×300 (1 failed)"));
	assert_non_null(strstr(f.text, "\n  └─ sleep (SIGTERM)"));
	setenv("LC_ALL", "no_such.UTF-8", 1);
	assert_non_null(strstr(show(&f, 80, 24), "\n  |- true x300"));
	end(&f);
}

static void run_without_a_source_of_processes_has_no_tree(void **state)
{
	struct fixture f;

	begin(&f);
	f.view.tree = NULL;
	f.view.wall_ns = 5000000;
	assert_string_equal(show(&f, 80, 24), "\n\n  wall time    5.00 ms\n");
	end(&f);
}

static void threads_and_who_still_runs_are_counted(void **state)
{
	struct process process;
	struct fixture f;

	begin(&f);
	make(&process, 1, 0, "server");
	process.life.ended = false;
	process.life.threads = 5;
	assert_int_equal(tree_add(f.tree, &process.life), 0);
	show(&f, 0, 0);
	assert_non_null(strstr(f.text, "  processes    1, 5 threads, 1 still running\n"));
	assert_non_null(strstr(f.text, "\n  server (still running)  "));
	end(&f);
}

/* Nearly all that is watched lives on: a mark on each line would hide the numbers. */
static void of_a_watch_living_on_is_counted_and_not_marked(void **state)
{
	struct process process;
	struct fixture f;

	begin(&f);
	f.view.is_watch = true;
	make(&process, 1, 0, "server");
	process.life.ended = false;
	assert_int_equal(tree_add(f.tree, &process.life), 0);
	show(&f, 0, 0);
	assert_non_null(strstr(f.text, "  processes    1, 1 still running\n"));
	assert_non_null(strstr(f.text, "\n  server  "));
	assert_null(strstr(f.text, "(still running)"));
	end(&f);
}

static void an_end_that_is_not_known_is_no_success(void **state)
{
	struct process process;
	struct fixture f;

	begin(&f);
	make(&process, 2, 1, "suid");
	process.life.status_hidden = true;
	process.values[CPU].u64 = 5000000;
	assert_int_equal(tree_add(f.tree, &process.life), 0);
	make(&process, 1, 0, "server");
	process.values[CPU].u64 = 1000000;
	assert_int_equal(tree_add(f.tree, &process.life), 0);
	show(&f, 0, 0);
	assert_non_null(strstr(f.text, "  processes    2, 1 with unknown exit status\n"));
	assert_non_null(strstr(f.text, "suid (exit status unknown)  "));
	end(&f);
}

static void lines_of_the_tree_join_siblings_across_what_is_between(void **state)
{
	struct fixture f;

	begin(&f);
	add(&f, 3, 2, "c", 1000, 1, 0);
	add(&f, 4, 3, "d", 1000, 1, 0);
	add(&f, 5, 2, "e", 1000, 1, 0);
	add(&f, 2, 1, "b", 1000, 1, 0);
	add(&f, 7, 6, "g", 1000, 1, 0);
	add(&f, 6, 1, "f", 1000, 1, 0);
	add(&f, 1, 0, "a", 1000, 1, 0);
	show(&f, 0, 0);
	assert_non_null(strstr(f.text, "\n  a            7.000  100.0"));
	assert_non_null(strstr(f.text, "\n  |- b         4.000   57.1"));
	assert_non_null(strstr(f.text, "\n  |  |- c      2.000   28.6"));
	assert_non_null(strstr(f.text, "\n  |  |  `- d   1.000   14.3"));
	assert_non_null(strstr(f.text, "\n  |  `- e      1.000   14.3"));
	assert_non_null(strstr(f.text, "\n  `- f         2.000   28.6"));
	assert_non_null(strstr(f.text, "\n     `- g      1.000   14.3"));
	end(&f);
}

/* --- colour ----------------------------------------------------------------------------------- */

static void without_escapes(const char *text, char *plain)
{
	while (*text) {
		if (*text == '\x1b')
			text += strcspn(text, "m") + 1;
		else
			*plain++ = *text++;
	}
	*plain = '\0';
}

static void colour_changes_nothing_but_the_colour(void **state)
{
	char plain[8192];
	struct fixture f;
	char *text;

	begin(&f);
	two_commands(&f);
	f.view.has_status = true;
	f.view.wait_status = 256;
	f.view.colour = true;
	show(&f, 80, 24);
	assert_non_null(strstr(f.text, "\x1b[31m(SIGTERM)\x1b[0m"));
	/* The costliest by itself. */
	assert_non_null(strstr(f.text, "\x1b[1mtrue\x1b[0m x300"));
	without_escapes(f.text, plain);
	text = strdup(plain);
	f.view.colour = false;
	assert_null(strchr(show(&f, 80, 24), '\x1b'));
	assert_string_equal(text, f.text);
	free(text);
	end(&f);
}

/* --- text of others --------------------------------------------------------------------------- */

static void names_cannot_write_on_the_terminal(void **state)
{
	struct process process;
	struct fixture f;

	begin(&f);
	make(&process, 2, 1, "\x1b[31m\xff\n\xc3\xa9\xe2\x80\xae");
	process.life.args = "x\0\x1b]0;t\a\xc2\x9b";
	process.life.args_length = 11;
	assert_int_equal(tree_add(f.tree, &process.life), 0);
	add(&f, 1, 0, "sh", 1, 1, 0);
	show(&f, 0, 0);
	assert_non_null(strstr(
		f.text, "\\x1b[31m\\xff\\n\\xc3\\xa9\\xe2\\x80\\xae \\x1b]0;t\\a\\xc2\\x9b"));
	setenv("LC_ALL", "C.UTF-8", 1);
	show(&f, 0, 0);
	assert_non_null(strstr(f.text, "\\x1b[31m\\xff\\né\\u202e \\x1b]0;t\\a\\u009b"));
	end(&f);
}

static void assert_harmless(const char *text)
{
	for (; *text; text++)
		assert_true(*text == '\n' || (unsigned char)*text >= ' ');
}

/* The summary as Markdown; figures and shares as in the text, lists that stay apart. */
static void markdown_has_the_same_numbers(void **state)
{
	struct run_figure figures[] = {{"others", 2.6450549, &UNIT_JOULE, ""},
	                               {"idle", 0.02477221, &UNIT_JOULE, "by time"}};
	struct run_notice notices[] = {{REPORT_NOTE, "a small thing"},
	                               {REPORT_LOSS, "a large one"}};
	struct fixture f;
	FILE *file;

	begin(&f);
	two_commands(&f);
	f.view.n_figures = f.view.n_notices = 2;
	f.view.figures = figures;
	f.view.notices = notices;
	f.view.hot = hot_new();
	assert_int_equal(hot_add(f.view.hot, "sh", "main", "sh", 985, 985), 0);
	assert_int_equal(hot_add(f.view.hot, "sh", "read", "[kernel]", 15, 15), 0);
	file = open_memstream(&f.text, &f.size);
	assert_int_equal(view_markdown(&f.view, file), 0);
	fclose(file);
	assert_non_null(strstr(f.text, "\n- others: 2.65 J\n- idle: 0.025 J (by time)\n"));
	assert_non_null(strstr(f.text,
	                       "\n2 failed:\n\n- **SIGTERM** `` sleep ``\n"
	                       "- **exit 1** `` true ``\n\n"
	                       "Hottest functions, of 1000 samples:\n\n"
	                       "- `` sh ``: 98 % `` main ``, 1.5 % `` read `` of `` [kernel] ``\n\n"
	                       "Notes:\n\n- a small thing\n- missing: a large one\n"));
	hot_free(f.view.hot);
	end(&f);
}

/* Whoever is profiled has named his functions and files. */
static void functions_and_modules_cannot_either(void **state)
{
	static const char evil[] = "\x1b[31m\n`|<b>\x9b";
	const struct run_notice notice = {.kind = REPORT_NOTE, .line = (char *)evil};
	struct fixture f;
	FILE *file;

	begin(&f);
	add(&f, 1, 0, "sh", 1, 1, 0);
	f.view.hot = hot_new();
	assert_int_equal(hot_add(f.view.hot, evil, evil, evil, 9, 9), 0);
	assert_int_equal(hot_add(f.view.hot, "sh", "main", evil, 9, 9), 0);
	f.view.notices = &notice;
	f.view.n_notices = 1;
	assert_harmless(show(&f, 0, 0));
	assert_non_null(strstr(f.text, "\\x1b[31m"));
	free(f.text);
	file = open_memstream(&f.text, &f.size);
	assert_int_equal(view_markdown(&f.view, file), 0);
	fclose(file);
	assert_harmless(f.text);
	assert_non_null(strstr(f.text, "`` \\x1b[31m\\n'|<b>\\x9b ``"));
	assert_non_null(strstr(f.text, "- \\x1b\\[31m\\n\\`\\|\\<b>\\x9b\n"));
	hot_free(f.view.hot);
	end(&f);
}

static void wide_letters_take_two_cells(void **state)
{
	struct text_signs signs;
	struct text_line line;

	setenv("LC_ALL", "C.UTF-8", 1);
	text_signs_init(&signs, false);
	assert_int_equal(text_name_cells(&signs, "日本語"), 6);
	text_start(&line, &signs);
	text_put_name(&line, "日本語", 4);
	assert_string_equal(line.bytes, "日…");
	text_start(&line, &signs);
	text_put_name(&line, "日本語", 6);
	assert_string_equal(line.bytes, "日本語");
	text_start(&line, &signs);
	text_put_middle(&line, "ab日本語cd", 7);
	assert_string_equal(line.bytes, "ab…cd");
	assert_int_equal(line.cells, 5);
	text_signs_fini(&signs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_times_energy_tree_failures_and_the_file),
		cmocka_unit_test(draws_boxes_where_the_locale_is_utf8),
		cmocka_unit_test(run_without_a_source_of_processes_has_no_tree),
		cmocka_unit_test(threads_and_who_still_runs_are_counted),
		cmocka_unit_test(of_a_watch_living_on_is_counted_and_not_marked),
		cmocka_unit_test(an_end_that_is_not_known_is_no_success),
		cmocka_unit_test(lines_of_the_tree_join_siblings_across_what_is_between),
		cmocka_unit_test(colour_changes_nothing_but_the_colour),
		cmocka_unit_test(markdown_has_the_same_numbers),
		cmocka_unit_test(names_cannot_write_on_the_terminal),
		cmocka_unit_test(functions_and_modules_cannot_either),
		cmocka_unit_test(wide_letters_take_two_cells),
	};

	return cmocka_run_group_tests_name("view_text", tests, NULL, NULL);
}
