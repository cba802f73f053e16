/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "outputs/file/output_path.h"
#include "unit/output_support.h"

static const struct output_path_facts facts = {
	.host = "node7",
	.pid = 4711,
	.start_ns = 1715722129416768909ULL,
	.rank = "12",
};

static void assert_expands(const char *pattern, const char *expected)
{
	char *path;

	assert_int_equal(output_path_expand(pattern, &facts, &path), 0);
	assert_string_equal(path, expected);
	free(path);
}

static void replaces_what_has_a_meaning(void **state)
{
	assert_expands("plain.csv", "plain.csv");
	assert_expands("", "");
	assert_expands("%h-%p-%r.csv", "node7-4711-12.csv");
	assert_expands("out/%t.csv", "out/20240514T212849Z.csv");
	assert_expands("100%%%%h%%", "100%%h%");
}

static void assert_refused(const char *pattern, const char *rank, const char *words)
{
	struct output_path_facts with_rank = facts;
	struct capture capture;
	char *path;

	with_rank.rank = rank;
	capture_begin(&capture);
	assert_int_equal(output_path_expand(pattern, &with_rank, &path), -EINVAL);
	capture_end_expecting(&capture, words);
}

static void refuses_what_has_none(void **state)
{
	assert_refused("%x.csv", "1", "'%x.csv': after a %");
	assert_refused("a%", "1", "a%': after");
	assert_refused("%H", "1", "'%H': after");
}

static void knows_without_expanding_what_cannot_be(void **state)
{
	static const char *const good[] = {"x.csv", "%h%p%t%r%%", "100%%"};
	static const char *const bad[] = {"", "%", "a%z", "%%%", "%h%H"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_null(output_path_problem(&good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_non_null(output_path_problem(&bad[i]));
}

static void wants_a_rank_that_is_a_number(void **state)
{
	assert_refused("%r.csv", NULL, "SLURM_PROCID");
	assert_refused("%r.csv", "", "not a number");
	assert_refused("%r.csv", "../../etc/1", "not a number");
}

static void a_host_name_stays_within_its_part_of_the_path(void **state)
{
	struct output_path_facts odd = facts;
	char *path;

	odd.host = "../a";
	assert_int_equal(output_path_expand("x/%h.csv", &odd, &path), 0);
	assert_string_equal(path, "x/.._a.csv");
	free(path);
}

static void takes_the_facts_of_this_process(void **state)
{
	struct utsname names;
	char expected[512];
	char *path;

	uname(&names);
	setenv("PMI_RANK", "3", 1);
	setenv("OMPI_COMM_WORLD_RANK", "2", 1);
	unsetenv("SLURM_PROCID");
	assert_int_equal(output_path_expand_here("%h.%p.%r", &path), 0);
	snprintf(expected, sizeof(expected), "%s.%d.2", names.nodename, (int)getpid());
	assert_string_equal(path, expected);
	free(path);

	setenv("SLURM_PROCID", "1", 1);
	assert_int_equal(output_path_expand_here("%r", &path), 0);
	assert_string_equal(path, "1");
	free(path);

	unsetenv("SLURM_PROCID");
	unsetenv("OMPI_COMM_WORLD_RANK");
	assert_int_equal(output_path_expand_here("%r", &path), 0);
	assert_string_equal(path, "3");
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replaces_what_has_a_meaning),
		cmocka_unit_test(refuses_what_has_none),
		cmocka_unit_test(knows_without_expanding_what_cannot_be),
		cmocka_unit_test(wants_a_rank_that_is_a_number),
		cmocka_unit_test(a_host_name_stays_within_its_part_of_the_path),
		cmocka_unit_test(takes_the_facts_of_this_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
