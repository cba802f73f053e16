/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which binaries without frame pointers are named. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "sources/perf/profile/incomplete.h"

#define MODULES 5

static void add_line(void *data, enum report_kind kind, const char *line)
{
	assert_int_equal(kind, REPORT_NOTE);
	strncat(data, line, strcspn(line, ":"));
	strcat(data, " ");
}

/*
 * Binaries named a, b, c, …: of how many samples each, how many lack callers. Which ones have a
 * line?
 */
static void assert_named(uint64_t all, const uint64_t samples[MODULES][2], const char *expected)
{
	struct incomplete_module modules[MODULES];
	struct incomplete incomplete = {.modules = modules, .n = MODULES, .samples = all};
	struct strings strings = {.n = 0};
	char lines[256] = "";

	for (size_t i = 0; i < MODULES; i++) {
		const char name[] = {(char)('a' + i), '\0'};

		modules[i] = (struct incomplete_module){.samples = samples[i][0],
		                                        .incomplete = samples[i][1]};
		modules[i].module = strings_intern(&strings, name);
	}
	incomplete_say(&incomplete, &strings, add_line, lines);
	assert_string_equal(lines, expected);
	strings_fini(&strings);
}

static void a_share_of_all_samples_is_needed(void **state)
{
	const uint64_t samples[MODULES][2] = {{50, 50}, {49, 49}, {1, 1}};

	assert_named(1000, samples, "a ");
}

static void a_share_of_its_own_samples_is_needed(void **state)
{
	const uint64_t samples[MODULES][2] = {{300, 60}, {301, 60}};

	assert_named(1000, samples, "a ");
}

static void the_worst_three_are_named(void **state)
{
	const uint64_t samples[MODULES][2] = {
		{100, 60}, {100, 90}, {100, 70}, {100, 80}, {100, 50}};

	assert_named(500, samples, "b d c ");
}

static void none_is_named_where_all_is_well(void **state)
{
	const uint64_t samples[MODULES][2] = {{500, 0}, {500, 10}};

	assert_named(1000, samples, "");
}

static void take_line(void *data, enum report_kind kind, const char *line)
{
	assert_int_equal(kind, REPORT_NOTE);
	strcat(data, line);
	strcat(data, "\n");
}

/* Frame pointers would not put those callers in. */
static void deep_stacks_have_a_line_of_their_own(void **state)
{
	struct strings strings = {.n = 0};
	struct incomplete_module modules[] = {
		{.module = strings_intern(&strings, "deep"), .samples = 100, .deep = 90},
		{.module = strings_intern(&strings, "flat"), .samples = 100, .deep = 9},
	};
	struct incomplete incomplete = {
		.modules = modules, .n = 2, .samples = 200, .frames_max = 127};
	char lines[512] = "";

	incomplete_say(&incomplete, &strings, take_line, lines);
	assert_string_equal(lines,
	                    "deep: 90 % of its samples lack the outermost callers: the stack is "
	                    "deeper than the 127 functions that the kernel takes of it\n");
	strings_fini(&strings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_share_of_all_samples_is_needed),
		cmocka_unit_test(a_share_of_its_own_samples_is_needed),
		cmocka_unit_test(the_worst_three_are_named),
		cmocka_unit_test(none_is_named_where_all_is_well),
		cmocka_unit_test(deep_stacks_have_a_line_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
