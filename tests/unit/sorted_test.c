/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/sorted.h"

struct range {
	uint64_t begin;
	char more[24];
};

static void finds_the_last_that_begins_before_an_address(void **state)
{
	enum { RANGES = 40 };
	struct range ranges[RANGES];

	for (size_t i = 0; i < RANGES; i++)
		ranges[i].begin = 10 + 4 * (i / 2); /* two begin at each of 20 addresses */
	for (size_t n = 0; n <= RANGES; n++) {
		for (uint64_t address = 0; address < 100; address++) {
			size_t expected = 0;

			while (expected < n && ranges[expected].begin <= address)
				expected++;
			assert_int_equal(sorted_upto(ranges, n, sizeof(*ranges), address),
			                 expected);
		}
		assert_int_equal(sorted_upto(ranges, n, sizeof(*ranges), UINT64_MAX), n);
	}
	assert_int_equal(sorted_upto(NULL, 0, sizeof(*ranges), 7), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_last_that_begins_before_an_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
