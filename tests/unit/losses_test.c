/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The lines about what was lost: how many, of how many. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "sources/perf/bpf/losses.h"

struct lines {
	size_t n;
	char text[16][256];
	enum report_kind kinds[16];
};

static void take(void *data, enum report_kind kind, const char *line)
{
	struct lines *lines = data;

	assert_true(lines->n < 16);
	lines->kinds[lines->n] = kind;
	snprintf(lines->text[lines->n++], sizeof(lines->text[0]), "%s", line);
}

static struct lines lines_of(const struct losses *losses, const struct losses_seen *seen)
{
	struct lines lines = {.n = 0};

	losses_say(losses, seen, 0, LEFT_BY_COMMAND, take, &lines);
	return lines;
}

static void assert_begins(const struct lines *lines, size_t i, enum report_kind kind,
                          const char *text)
{
	assert_true(i < lines->n);
	assert_int_equal(lines->kinds[i], kind);
	assert_memory_equal(lines->text[i], text, strlen(text));
}

static void without_losses_there_is_no_line(void **state)
{
	const struct losses none = {0};
	const struct losses_seen seen = {.tasks = 10, .execs = 10};

	assert_int_equal(lines_of(&none, &seen).n, 0);
}

/* 100 001 tasks: 743 records came, 163 tasks found no room in the map, the rest was lost. */
static void the_total_includes_what_was_lost(void **state)
{
	const struct losses losses = {.tasks = 163, .ring_full = 99505, .records = 99095};
	const struct losses_seen seen = {.tasks = 743};
	const struct lines lines = lines_of(&losses, &seen);

	assert_int_equal(lines.n, 3);
	assert_begins(&lines, 0, REPORT_LOSS, "163 of 100001 tasks were not followed");
	assert_begins(&lines, 1, REPORT_LOSS, "99095 of 99838 ended threads are missing");
	assert_begins(&lines, 2, REPORT_NOTE, "410 of 99838 records of threads' ends");
}

static void processes_without_all_their_records_are_counted(void **state)
{
	const struct losses losses = {.ring_full = 7, .records = 7};
	const struct losses_seen seen = {.tasks = 3, .incomplete = 2};
	const struct lines lines = lines_of(&losses, &seen);

	assert_int_equal(lines.n, 2);
	assert_begins(&lines, 1, REPORT_LOSS, "2 processes lack records of ended threads");
}

static void what_was_lost_has_not_waited(void **state)
{
	const struct losses losses = {.ring_full = 7, .records = 7};
	const struct losses_seen seen = {.tasks = 3};
	const struct lines lines = lines_of(&losses, &seen);

	assert_int_equal(lines.n, 1);
	assert_begins(&lines, 0, REPORT_LOSS, "7 of 10 ended threads are missing");
}

/* Nobody has counted the execs, readings and slices of a thread whose record is missing. */
static void a_total_that_is_not_known_is_not_shown(void **state)
{
	struct losses losses = {.execs = 2, .reads = 3, .slices = 4};
	const struct losses_seen seen = {.tasks = 3, .execs = 9, .readings = 9, .slices = 9};
	struct lines lines = lines_of(&losses, &seen);

	assert_begins(&lines, 0, REPORT_LOSS, "2 of 9 execs");
	assert_begins(&lines, 1, REPORT_LOSS, "3 of 9 readings");
	losses_say_estimates(&losses, &seen, 0.5, "e", take, &lines);
	assert_begins(&lines, 2, REPORT_NOTE, "4 of 9 time slices");

	losses.records = losses.ring_full = 1;
	lines = lines_of(&losses, &seen);
	assert_begins(&lines, 1, REPORT_LOSS, "2 execs");
	assert_begins(&lines, 2, REPORT_LOSS, "3 readings");
	losses_say_estimates(&losses, &seen, 0.5, "e", take, &lines);
	assert_begins(&lines, 3, REPORT_NOTE, "4 time slices");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_losses_there_is_no_line),
		cmocka_unit_test(the_total_includes_what_was_lost),
		cmocka_unit_test(processes_without_all_their_records_are_counted),
		cmocka_unit_test(what_was_lost_has_not_waited),
		cmocka_unit_test(a_total_that_is_not_known_is_not_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
