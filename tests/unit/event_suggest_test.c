/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "core/suggest.h"

static void counts_each_kind_of_edit_once(void **state)
{
	assert_int_equal(suggest_distance("cycles", "cycles", 9), 0);
	assert_int_equal(suggest_distance("cycles", "CYCLES", 9), 0);
	assert_int_equal(suggest_distance("cycls", "cycles", 9), 1);
	assert_int_equal(suggest_distance("cyycles", "cycles", 9), 1);
	assert_int_equal(suggest_distance("cyclas", "cycles", 9), 1);
	assert_int_equal(suggest_distance("ycycles", "cycles", 9), 1);
	assert_int_equal(suggest_distance("yccles", "cycles", 9), 1);
	assert_int_equal(suggest_distance("ycclse", "cycles", 9), 2);
	assert_int_equal(suggest_distance("kitten", "sitting", 9), 3);
	assert_int_equal(suggest_distance("", "abc", 9), 3);
	assert_int_equal(suggest_distance("", "", 0), 0);
}

static void says_only_that_a_limit_is_exceeded(void **state)
{
	assert_int_equal(suggest_distance("kitten", "sitting", 3), 3);
	assert_int_equal(suggest_distance("kitten", "sitting", 2), 3);
	assert_int_equal(suggest_distance("kitten", "sitting", 0), 1);
	assert_int_equal(suggest_distance("abcdefgh", "zyxwvuts", 2), 3);
	/* A swap that ends the words, after rows that alone look hopeless. */
	assert_int_equal(suggest_distance("ab", "ba", 1), 1);
}

static void suggests_the_nearest_name(void **state)
{
	static const char *const names[] = {"cache-misses", "cycles", NULL, "branch-misses"};

	assert_string_equal(suggest_nearest("cylces", names, 4), "cycles");
	assert_string_equal(suggest_nearest("BRANCHMISSES", names, 4), "branch-misses");
	assert_string_equal(suggest_nearest("cachemiss", names, 4), "cache-misses");
}

static void suggests_nothing_far_fetched(void **state)
{
	static const char *const names[] = {"cs", "cycles"};
	char huge[4096];

	assert_null(suggest_nearest("instructions", names, 2));
	assert_null(suggest_nearest("ab", names, 2));
	assert_null(suggest_nearest("", names, 2));
	assert_null(suggest_nearest("cycles", names, 0));
	memset(huge, 'c', sizeof(huge) - 1);
	huge[sizeof(huge) - 1] = '\0';
	assert_null(suggest_nearest(huge, names, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_each_kind_of_edit_once),
		cmocka_unit_test(says_only_that_a_limit_is_exceeded),
		cmocka_unit_test(suggests_the_nearest_name),
		cmocka_unit_test(suggests_nothing_far_fetched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
