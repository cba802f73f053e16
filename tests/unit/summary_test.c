/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "outputs/summary/summary.h"
#include "outputs/summary/summary_text.h"
#include "core/metric_registry.h"

struct fixture {
	struct metric_registry *metrics;
	struct summary *summary;
	char *text; /* of the last print() */
	size_t size;
};

static const char *const NAMES[] = {"cycles", "page-faults", "a-rather-long-event-name"};

static void begin(struct fixture *fixture, enum summary_mode mode, size_t n_counters)
{
	setenv("LC_ALL", "C", 1);
	fixture->metrics = metric_registry_new();
	fixture->summary = summary_new(mode, fixture->metrics);
	fixture->text = NULL;
	summary_begin(fixture->summary, n_counters, NAMES);
}

static void end(struct fixture *fixture)
{
	summary_free(fixture->summary);
	metric_registry_free(fixture->metrics);
	free(fixture->text);
}

static const char *print(struct fixture *fixture, unsigned columns, unsigned rows)
{
	FILE *file;

	free(fixture->text);
	file = open_memstream(&fixture->text, &fixture->size);
	summary_print(fixture->summary, file, columns, rows);
	fclose(file);
	return fixture->text;
}

struct short_life {
	uint32_t pid, parent;
	const char *comm;
	uint64_t cpu_ns;
	uint64_t count;
	int wait_status;
};

static void report(struct fixture *fixture, struct short_life life)
{
	const struct process_counter counters[3] = {
		{.has_value = true, .value = life.count},
		{.has_value = true, .value = life.count / 1000},
		{.has_value = false},
	};
	const struct process_report process = {
		.key = {.pid = life.pid, .start_ns = life.pid},
		.parent = {.pid = life.parent, .start_ns = life.parent},
		.is_root = life.pid == 1,
		.ended = true,
		.executed = true,
		.wait_status = life.wait_status,
		.begin_ns = life.pid,
		.comm = life.comm,
		.exe = "",
		.cpu_ns = life.cpu_ns,
		.threads = 1,
		.n_counters = 3,
		.counters = counters,
	};

	summary_add_process(fixture->summary, &process);
}

static void two_commands(struct fixture *fixture)
{
	for (uint32_t pid = 2; pid < 302; pid++)
		report(fixture,
		       (struct short_life){pid, 1, "true", 1000000, 5000, pid == 7 ? 256 : 0});
	report(fixture, (struct short_life){302, 1, "sleep", 17200, 2000000, 15});
	report(fixture, (struct short_life){1, 0, "sh", 70000000, 12345678, 0});
}

static void push_energy(struct fixture *fixture, enum resource_kind kind, uint32_t id,
                        const char *domain, double joules)
{
	struct attribute attributes[] = {
		{.key = "die", .text = "0", .length = 1},
		{.key = "domain", .text = domain, .length = strlen(domain)},
	};
	struct point point = {
		.metric = (uint32_t)metric_register(fixture->metrics, "rapl_consumed_energy",
	                                            &UNIT_JOULE, METRIC_DELTA),
		.type = VALUE_F64,
		.value.f64 = joules,
		.resource_kind = kind,
		.resource_id = id,
		.n_attributes = 2,
		.attributes = attributes,
	};

	assert_int_equal(summary_add_points(fixture->summary, &point, 1), 0);
}

static void tells_times_energy_and_the_folded_tree(void **state)
{
	struct fixture f;
	char *argv[] = {"sh", "-c", "true; true\n", NULL};

	begin(&f, SUMMARY_SHORT, 2);
	summary_set_command(f.summary, argv);
	summary_set_wall_time(f.summary, 1234000000);
	summary_set_wait_status(f.summary, 3 << 8);
	two_commands(&f);
	push_energy(&f, RESOURCE_LOCAL_MACHINE, 0, "platform", 50);
	push_energy(&f, RESOURCE_DRAM, 0, "dram", 0.5);
	push_energy(&f, RESOURCE_CPU_PACKAGE, 0, "package", 1);
	push_energy(&f, RESOURCE_CPU_PACKAGE, 0, "package", 2.25);
	push_energy(&f, RESOURCE_LOCAL_MACHINE, 0, "package_total", 3.25);
	assert_string_equal(print(&f, 0, 0),
	                    "\n"
	                    "sh -c true; true\\n  (exit 3)\n"
	                    "  wall time    1.23 s\n"
	                    "  CPU time     370 ms, 0.30 CPUs busy\n"
	                    "  processes    302\n"
	                    "  energy       package-0 3.25 J   dram-0 0.500 J   platform 50.0 J\n"
	                    "\n"
	                    "  command                      CPU  cycles  page-faults\n"
	                    "  sh                       70.0 ms   12.3M        12.3k\n"
	                    "  |- true x300 (1 failed)   300 ms   1.50M        1.50k\n"
	                    "  `- sleep (SIGTERM)       17.2 us   2.00M        2.00k\n"
	                    "  total                     370 ms   15.8M        15.8k\n");
	end(&f);
}

static void draws_boxes_where_the_locale_is_utf8(void **state)
{
	struct fixture f;

	begin(&f, SUMMARY_SHORT, 1);
	two_commands(&f);
	setenv("LC_ALL", "C.UTF-8", 1);
	print(&f, 80, 24);
	assert_non_null(strstr(f.text, "\n  ├─ true ×300 (1 failed)"));
	assert_non_null(strstr(f.text, "\n  └─ sleep (SIGTERM)"));
	assert_non_null(strstr(f.text, "17.2 µs"));
	setenv("LC_ALL", "no_such.UTF-8", 1);
	assert_non_null(strstr(print(&f, 80, 24), "\n  |- true x300"));
	end(&f);
}

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
	struct fixture f;
	char *argv[] = {"a-command", "with-many-arguments", "of-some-length", "each", NULL};

	for (unsigned columns = 36; columns < 160; columns++) {
		begin(&f, SUMMARY_FULL, 3);
		summary_set_command(f.summary, argv);
		summary_set_wait_status(f.summary, 256);
		for (uint32_t pid = 60; pid > 1; pid--)
			report(&f, (struct short_life){pid, pid - 1, "somewhat-longer", 1, 1, 0});
		two_commands(&f);
		push_energy(&f, RESOURCE_CPU_PACKAGE, 0, "package", 1);
		push_energy(&f, RESOURCE_CPU_PACKAGE, 1, "package", 1);
		push_energy(&f, RESOURCE_DRAM, 0, "dram", 1);
		print(&f, columns, 24);
		assert_in_range(widest(f.text), 1, columns);
		end(&f);
	}
}

static void columns_are_left_out_before_the_tree_gets_too_narrow(void **state)
{
	struct fixture f;

	begin(&f, SUMMARY_SHORT, 3);
	two_commands(&f);
	assert_non_null(strstr(print(&f, 0, 0), "a-rather-long-e~"));
	assert_null(strstr(f.text, "left out"));
	assert_null(strstr(print(&f, 55, 24), "a-rather"));
	assert_non_null(strstr(f.text, "\n  1 column left out: too narrow\n"));
	assert_non_null(strstr(f.text, "page-faults"));
	assert_null(strstr(print(&f, 45, 24), "page-faults"));
	assert_non_null(strstr(f.text, "true x300 (1 failed)"));
	assert_non_null(strstr(f.text, "\n  2 columns left out: too narrow\n"));
	end(&f);
}

static void names_stay_apart_from_numbers_on_the_narrowest_terminal(void **state)
{
	struct fixture f;

	for (unsigned columns = 1; columns < 30; columns++) {
		begin(&f, SUMMARY_SHORT, 3);
		two_commands(&f);
		print(&f, columns, 24);
		assert_non_null(strstr(f.text, "\n  command "));
		assert_non_null(strstr(f.text, "  sh "));
		assert_non_null(strstr(f.text, " tr"));
		end(&f);
	}
}

static void a_notice_goes_on_below_where_the_terminal_ends(void **state)
{
	struct fixture f;

	begin(&f, SUMMARY_SHORT, 0);
	summary_add_notice(f.summary, "12 words of a notice that is longer than the terminal");
	assert_non_null(strstr(print(&f, 30, 24), "\n  12 words of a notice that is\n"
	                                          "    longer than the terminal\n"));
	assert_non_null(strstr(print(&f, 0, 0),
	                       "\n  12 words of a notice that is longer than the terminal\n"));
	end(&f);
}

static void short_summary_fills_at_most_a_screen_with_the_most_expensive(void **state)
{
	struct fixture f;
	char comm[16];

	for (int full = 0; full < 2; full++) {
		begin(&f, full ? SUMMARY_FULL : SUMMARY_SHORT, 1);
		for (uint32_t pid = 2; pid < 102; pid++) {
			snprintf(comm, sizeof(comm), "job-%u", pid);
			report(&f, (struct short_life){pid, 1, comm, pid == 99 ? 1000 : 1, 1, 0});
		}
		report(&f, (struct short_life){1, 0, "sh", 0, 1, 0});
		summary_add_notice(f.summary, "7 things were lost");
		print(&f, 80, 24);
		assert_non_null(strstr(f.text, "job-99"));
		assert_non_null(strstr(f.text, "\n  7 things were lost\n"));
		if (full) {
			assert_in_range(lines_of(f.text), 101, 115);
			assert_null(strstr(f.text, "--summary=full"));
		} else {
			assert_in_range(lines_of(f.text), 20, 23);
			assert_non_null(strstr(f.text, "--summary=full shows all"));
			assert_null(strstr(f.text, "job-98"));
		}
		end(&f);
	}
}

static void lines_left_out_are_counted(void **state)
{
	struct fixture f;
	char comm[16];
	unsigned shown = 0, left_out = 0;

	begin(&f, SUMMARY_SHORT, 0);
	for (uint32_t pid = 2; pid < 102; pid++) {
		snprintf(comm, sizeof(comm), "job-%u", pid);
		report(&f, (struct short_life){pid, 1, comm, 1, 1, 0});
	}
	report(&f, (struct short_life){1, 0, "sh", 0, 1, 0});
	print(&f, 80, 30);
	for (const char *at = f.text; (at = strstr(at, "job-")); at++)
		shown++;
	assert_int_equal(sscanf(strstr(f.text, "more lines") - 4, "%u", &left_out), 1);
	assert_int_equal(shown + left_out, 100);
	end(&f);
}

static void names_cannot_write_on_the_terminal(void **state)
{
	struct fixture f;

	begin(&f, SUMMARY_SHORT, 0);
	report(&f, (struct short_life){2, 1, "\x1b[31m\xff\n\xc3\xa9\xe2\x80\xae", 1, 1, 0});
	report(&f, (struct short_life){1, 0, "sh", 1, 1, 0});
	assert_non_null(strstr(print(&f, 0, 0), "`- \\x1b[31m\\xff\\n\\xc3\\xa9\\xe2\\x80\\xae  "));
	setenv("LC_ALL", "C.UTF-8", 1);
	assert_non_null(strstr(print(&f, 0, 0), "└─ \\x1b[31m\\xff\\né\\u202e  "));
	end(&f);
}

static void wide_letters_take_two_cells(void **state)
{
	struct text_signs signs;
	struct text_line line;

	setenv("LC_ALL", "C.UTF-8", 1);
	text_signs_init(&signs);
	assert_int_equal(text_name_cells(&signs, "日本語"), 6);
	text_start(&line, &signs);
	text_put_name(&line, "日本語", 4);
	assert_string_equal(line.bytes, "日…");
	text_start(&line, &signs);
	text_put_name(&line, "日本語", 6);
	assert_string_equal(line.bytes, "日本語");
	/* Cut in the middle of a letter, as the kernel does with long names. */
	text_start(&line, &signs);
	text_put_name(&line, "ab\xe6\x97", 20);
	assert_string_equal(line.bytes, "ab\\xe6\\x97");
	/* Overlong and surrogate forms are not UTF-8. */
	assert_int_equal(text_name_cells(&signs, "\xc0\xaf"), 8);
	assert_int_equal(text_name_cells(&signs, "\xed\xa0\x80"), 12);
	assert_int_equal(text_name_cells(&signs, "\xf0\x80\x80\x80"), 16);
	text_signs_fini(&signs);
}

static void numbers_have_three_digits_that_matter(void **state)
{
	static const struct {
		uint64_t count;
		const char *text;
	} counts[] = {
		{0, "0"},           {999, "999"},          {1000, "1.00k"},  {9994, "9.99k"},
		{9996, "10.0k"},    {99960, "100k"},       {999499, "999k"}, {999500, "1.00M"},
		{1234567, "1.23M"}, {UINT64_MAX, "18.4E"},
	};
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
	text_signs_init(&signs);
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		text_count(counts[i].count, text);
		assert_string_equal(text, counts[i].text);
	}
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

	begin(&f, SUMMARY_SHORT, 0);
	report(&f, (struct short_life){3, 2, "c", 1000, 1, 0});
	report(&f, (struct short_life){4, 3, "d", 1000, 1, 0});
	report(&f, (struct short_life){5, 2, "e", 1000, 1, 0});
	report(&f, (struct short_life){2, 1, "b", 1000, 1, 0});
	report(&f, (struct short_life){7, 6, "g", 1000, 1, 0});
	report(&f, (struct short_life){6, 1, "f", 1000, 1, 0});
	report(&f, (struct short_life){1, 0, "a", 1000, 1, 0});
	print(&f, 0, 0);
	assert_non_null(strstr(f.text, "\n  a           1.00 us\n"
	                               "  |- b        1.00 us\n"
	                               "  |  |- c     1.00 us\n"
	                               "  |  |  `- d  1.00 us\n"
	                               "  |  `- e     1.00 us\n"
	                               "  `- f        1.00 us\n"
	                               "     `- g     1.00 us\n"));
	end(&f);
}

static void the_shortest_names_tell_how_they_ended_too(void **state)
{
	struct fixture f;

	begin(&f, SUMMARY_SHORT, 0);
	report(&f, (struct short_life){2, 1, "sh", 1000, 1, 7 << 8});
	report(&f, (struct short_life){1, 0, "a", 1000, 1, 15});
	print(&f, 0, 0);
	assert_non_null(strstr(f.text, "\n  a (SIGTERM)     1.00 us\n"
	                               "  `- sh (exit 7)  1.00 us\n"));
	end(&f);
}

static void threads_and_who_still_runs_are_counted(void **state)
{
	struct fixture f;
	struct process_report process = {
		.key = {.pid = 1, .start_ns = 1},
		.is_root = true,
		.executed = true,
		.comm = "server",
		.exe = "",
		.threads = 5,
	};

	begin(&f, SUMMARY_SHORT, 0);
	summary_add_process(f.summary, &process);
	print(&f, 0, 0);
	assert_non_null(strstr(f.text, "  processes    1 with 5 threads\n"));
	assert_non_null(strstr(f.text, "\n  server (still running)  "));
	end(&f);
}

static void nothing_is_said_when_it_is_switched_off(void **state)
{
	struct fixture f;

	begin(&f, SUMMARY_NONE, 0);
	push_energy(&f, RESOURCE_CPU_PACKAGE, 0, "package", 1);
	summary_add_notice(f.summary, "lost");
	assert_string_equal(print(&f, 80, 24), "");
	end(&f);
}

static void run_without_a_source_of_processes_has_no_tree(void **state)
{
	struct metric_registry *metrics = metric_registry_new();
	struct fixture f = {.metrics = metrics};

	f.summary = summary_new(SUMMARY_SHORT, metrics);
	summary_set_wall_time(f.summary, 5000000);
	assert_string_equal(print(&f, 80, 24), "\n\n  wall time    5.00 ms\n");
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_times_energy_and_the_folded_tree),
		cmocka_unit_test(draws_boxes_where_the_locale_is_utf8),
		cmocka_unit_test(no_line_is_wider_than_the_terminal),
		cmocka_unit_test(columns_are_left_out_before_the_tree_gets_too_narrow),
		cmocka_unit_test(names_stay_apart_from_numbers_on_the_narrowest_terminal),
		cmocka_unit_test(a_notice_goes_on_below_where_the_terminal_ends),
		cmocka_unit_test(short_summary_fills_at_most_a_screen_with_the_most_expensive),
		cmocka_unit_test(lines_left_out_are_counted),
		cmocka_unit_test(names_cannot_write_on_the_terminal),
		cmocka_unit_test(wide_letters_take_two_cells),
		cmocka_unit_test(numbers_have_three_digits_that_matter),
		cmocka_unit_test(lines_of_the_tree_join_siblings_across_what_is_between),
		cmocka_unit_test(the_shortest_names_tell_how_they_ended_too),
		cmocka_unit_test(threads_and_who_still_runs_are_counted),
		cmocka_unit_test(nothing_is_said_when_it_is_switched_off),
		cmocka_unit_test(run_without_a_source_of_processes_has_no_tree),
	};

	return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}
