/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/clock.h"
#include "report/rfc3339.h"

static struct rfc3339_cache cache;

static void good(const char *text, uint64_t expected)
{
	uint64_t ns = 1;

	assert_int_equal(rfc3339_parse(&cache, text, strlen(text), &ns), 0);
	assert_int_equal(ns, expected);
}

static void bad(const char *text)
{
	uint64_t ns;

	assert_int_equal(rfc3339_parse(&cache, text, strlen(text), &ns), -EINVAL);
}

static void parses_any_number_of_digits_and_offsets(void **state)
{
	good("1970-01-01T00:00:00Z", 0);
	good("1970-01-01T00:00:00.5Z", 500000000);
	good("1970-01-01T00:00:00.123456789Z", 123456789);
	good("1970-01-01T00:00:00.1234567899Z", 123456789);
	good("1970-01-01T02:00:00+02:00", 0);
	good("1970-01-01T00:00:00-00:30", 1800000000000);
}

static void refuses_what_is_no_time(void **state)
{
	bad("");
	bad("1970-01-01T00:00:00");
	bad("1970-01-01T00:00:00X");
	bad("1970-13-01T00:00:00Z");
	bad("1970-01-01T24:00:00Z");
	bad("1970-01-01 00-00-00Z");
	bad("1970-01-01T00:00:00+01:00");
	bad("1970-01-01T00:00:00.5");
	bad("9999-01-01T00:00:00Z");
}

/* Whatever the clock's own formatting writes is read back. */
static void reads_back_what_is_written(void **state)
{
	char text[CLOCK_RFC3339_SIZE];
	uint64_t ns = 0;

	srand(1);
	for (int i = 0; i < 20000; i++) {
		ns = ((uint64_t)rand() << 31 ^ (uint64_t)rand()) % (16000000000ULL * NSEC_PER_SEC);
		clock_format_rfc3339(ns, text);
		good(text, ns);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_any_number_of_digits_and_offsets),
		cmocka_unit_test(refuses_what_is_no_time),
		cmocka_unit_test(reads_back_what_is_written),
	};

	return cmocka_run_group_tests_name("report_rfc3339", tests, NULL, NULL);
}
