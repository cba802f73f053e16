/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tree/view/scale.h"
#include "tree/view/view.h"
#include "tree_support.h"

struct fixture {
	struct tree *tree;
	struct view view;
	char *text; /* of the last show() */
	size_t size;
};

static void begin(struct fixture *fixture)
{
	setenv("LC_ALL", "C", 1);
	*fixture = (struct fixture){.tree = tree_new(&SCHEMA, CPU)};
	assert_non_null(fixture->tree);
	fixture->view = (struct view){.tree = fixture->tree, .more = "--summary=full"};
}

static void end(struct fixture *fixture)
{
	tree_free(fixture->tree);
	free(fixture->text);
}

static const char *show(struct fixture *fixture, unsigned columns, unsigned rows)
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

static void add(struct fixture *fixture, uint32_t pid, uint32_t parent, const char *comm,
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
static void two_commands(struct fixture *fixture)
{
	for (uint32_t pid = 2; pid < 302; pid++)
		add(fixture, pid, 1, "true", 1000000, 50, pid == 7 ? 256 : 0);
	add(fixture, 302, 1, "sleep", 17200, 2000, 15);
	add(fixture, 1, 0, "sh", 70000000, 12345, 0);
}

static struct life_value u64(uint64_t value)
{
	return (struct life_value){.type = VALUE_U64, .u64 = value};
}

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

/* --- numbers ---------------------------------------------------------------------------------- */

static void a_column_has_one_unit_and_one_number_of_decimals(void **state)
{
	static const struct {
		enum quantity quantity;
		double largest;
		const char *unit, *shown_largest;
		double other;
		const char *shown_other;
	} cases[] = {
		{QUANTITY_TIME, 35123456789, "s", "35.123", 4600000, "0.005"},
		{QUANTITY_TIME, 9999999999, "s", "10.000", 1, "0.000"},
		{QUANTITY_TIME, 123456789012, "s", "123.46", 0, "0"},
		{QUANTITY_TIME, 999999999, "s", "1.000", 1000000, "0.001"},
		{QUANTITY_TIME, 54400000, "ms", "54.40", 730000, "0.73"},
		{QUANTITY_TIME, 17200, "us", "17.20", 100, "0.10"},
		{QUANTITY_TIME, 999, "ns", "999", 1, "1"},
		{QUANTITY_COUNT, 999999, "", "999999", 3, "3"},
		{QUANTITY_COUNT, 12345678, "", "12346k", 499, "0k"},
		{QUANTITY_COUNT, 1.8446744073709552e19, "", "18447P", 1, "0P"},
		{QUANTITY_BYTES, 97832000, "MiB", "93.30", 1048576, "1.00"},
		{QUANTITY_BYTES, 0, "B", "0", 0, "0"},
		{QUANTITY_ENERGY, 612.44, "J", "612.4", 0.06, "0.1"},
		{QUANTITY_ENERGY, 0.0123, "mJ", "12.30", 0.001, "1.00"},
		{QUANTITY_PERCENT, 1, "", "100.0", 0.0004, "0.0"},
	};
	struct text_signs signs;
	char text[TEXT_NUMBER_SIZE];

	setenv("LC_ALL", "C", 1);
	text_signs_init(&signs, false);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct scale scale;

		scale_choose(cases[i].quantity, cases[i].largest, &signs, &scale);
		assert_string_equal(scale.unit, cases[i].unit);
		scale_print(&scale, cases[i].largest, text);
		assert_string_equal(text, cases[i].shown_largest);
		scale_print(&scale, cases[i].other, text);
		assert_string_equal(text, cases[i].shown_other);
	}
	text_signs_fini(&signs);
}

static void numbers_that_stand_alone_have_three_digits_that_matter(void **state)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} durations[] = {
		{0, "0"},
		{999, "999 ns"},
		{1000, "1.00 us"},
		{999499, "999 us"},
		{999500, "1.00 ms"},
		{999499999, "999 ms"},
		{999500000, "1.00 s"},
		{59949000000, "59.9 s"},
		{59950000000, "1m00s"},
		{123000000000, "2m03s"},
		{3599600000000, "1h00m"},
		{18420000000000, "5h07m"},
	};
	static const struct {
		double joules;
		const char *text;
	} energies[] = {
		{0, "0 J"},         {0.0004, "0.000 J"}, {0.89825, "0.898 J"},
		{50.306, "50.3 J"}, {999.4, "999 J"},    {1200, "1.20 kJ"},
	};
	struct text_signs signs;
	char text[TEXT_NUMBER_SIZE];

	setenv("LC_ALL", "C", 1);
	text_signs_init(&signs, false);
	for (size_t i = 0; i < sizeof(durations) / sizeof(*durations); i++) {
		text_duration(durations[i].ns, &signs, text);
		assert_string_equal(text, durations[i].text);
	}
	for (size_t i = 0; i < sizeof(energies) / sizeof(*energies); i++) {
		text_energy(energies[i].joules, text);
		assert_string_equal(text, energies[i].text);
	}
	text_signs_fini(&signs);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_times_energy_tree_failures_and_the_file),
		cmocka_unit_test(draws_boxes_where_the_locale_is_utf8),
		cmocka_unit_test(run_without_a_source_of_processes_has_no_tree),
		cmocka_unit_test(threads_and_who_still_runs_are_counted),
		cmocka_unit_test(colour_changes_nothing_but_the_colour),
		cmocka_unit_test(no_line_is_wider_than_the_terminal),
		cmocka_unit_test(columns_without_room_are_named),
		cmocka_unit_test(a_column_that_repeats_another_is_not_shown_but_named),
		cmocka_unit_test(own_costs_are_left_out_where_nothing_is_below),
		cmocka_unit_test(names_stay_apart_from_numbers_on_the_narrowest_terminal),
		cmocka_unit_test(a_notice_goes_on_below_where_the_terminal_ends),
		cmocka_unit_test(a_command_of_several_lines_is_one_line_of_the_heading),
		cmocka_unit_test(short_summary_fills_at_most_a_screen_with_the_most_expensive),
		cmocka_unit_test(lines_left_out_are_counted_with_their_weight),
		cmocka_unit_test(the_costliest_processes_are_listed_where_the_tree_folds_them),
		cmocka_unit_test(waits_are_told_when_they_matter),
		cmocka_unit_test(names_cannot_write_on_the_terminal),
		cmocka_unit_test(wide_letters_take_two_cells),
		cmocka_unit_test(a_column_has_one_unit_and_one_number_of_decimals),
		cmocka_unit_test(an_end_that_is_not_known_is_no_success),
		cmocka_unit_test(numbers_that_stand_alone_have_three_digits_that_matter),
		cmocka_unit_test(lines_of_the_tree_join_siblings_across_what_is_between),
	};

	return cmocka_run_group_tests_name("view_text", tests, NULL, NULL);
}
