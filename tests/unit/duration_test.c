/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>

#include "core/duration.h"

static uint64_t ns(const char *text)
{
	uint64_t value = 12345;
	const char *why = NULL;

	if (duration_parse(text, &value, &why) != 0)
		fail_msg("\"%s\": %s", text, why);
	return value;
}

static uint64_t bytes(const char *text)
{
	uint64_t value = 12345;
	const char *why = NULL;

	if (size_parse(text, &value, &why) != 0)
		fail_msg("\"%s\": %s", text, why);
	return value;
}

/* Each refusal has its reason, and leaves the value alone. */
static void refused(const char *text, int expected)
{
	uint64_t value = 12345;
	const char *why = NULL;

	assert_int_equal(duration_parse(text, &value, &why), expected);
	assert_non_null(why);
	assert_int_equal(value, 12345);
}

static void every_unit_has_its_length(void **state)
{
	assert_int_equal(ns("1ns"), 1);
	assert_int_equal(ns("1nsec"), 1);
	assert_int_equal(ns("1us"), 1000);
	assert_int_equal(ns("1µs"), 1000);
	assert_int_equal(ns("1usec"), 1000);
	assert_int_equal(ns("1ms"), 1000000);
	assert_int_equal(ns("1msec"), 1000000);
	assert_int_equal(ns("1s"), 1000000000);
	assert_int_equal(ns("1sec"), 1000000000);
	assert_int_equal(ns("2seconds"), 2000000000);
	assert_int_equal(ns("1m"), 60000000000);
	assert_int_equal(ns("1min"), 60000000000);
	assert_int_equal(ns("1h"), 3600000000000);
	assert_int_equal(ns("1d"), 86400000000000);
	assert_int_equal(ns("1w"), 604800000000000);
	/* humantime's month and year: 30.44 and 365.25 days. */
	assert_int_equal(ns("1M"), 2630016000000000);
	assert_int_equal(ns("1month"), 2630016000000000);
	assert_int_equal(ns("1y"), 31557600000000000);
}

/* Those that humantime's parse_duration() takes: it has nanos and millis, and no micros. */
static void every_spelling_of_humantime_is_known(void **state)
{
	static const char *const spellings[][7] = {
		{"1ns", "nanos", "nsec", "ns"},
		{"1us", "usec", "us", "µs"},
		{"1ms", "millis", "msec", "ms"},
		{"1s", "seconds", "second", "secs", "sec", "s"},
		{"60s", "minutes", "minute", "min", "mins", "m"},
		{"3600s", "hours", "hour", "hrs", "hr", "h"},
		{"24h", "days", "day", "d"},
		{"168h", "weeks", "week", "wks", "wk", "w"},
		{"2630016s", "months", "month", "M"},
		{"31557600s", "years", "year", "yrs", "yr", "y"},
	};

	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		for (size_t k = 1; k < 7 && spellings[i][k]; k++) {
			char text[32];

			snprintf(text, sizeof(text), "1%s", spellings[i][k]);
			assert_int_equal(ns(text), ns(spellings[i][0]));
		}
	}
}

static void parts_add_up_with_and_without_spaces(void **state)
{
	assert_int_equal(ns("1m 30s"), 90000000000);
	assert_int_equal(ns("1m30s"), 90000000000);
	assert_int_equal(ns("2h 5min 3s 4ms 5us 6ns"), 7503004005006);
	assert_int_equal(ns("  10 ms "), 10000000);
	assert_int_equal(ns("1s 1s"), 2000000000);
}

static void zero_needs_no_unit_and_other_numbers_do(void **state)
{
	assert_int_equal(ns("0"), 0);
	assert_int_equal(ns("0s"), 0);
	refused("1", -EINVAL);
	refused("1s 5", -EINVAL);
}

static void fractions_are_exact_to_the_nanosecond(void **state)
{
	assert_int_equal(ns("0.5s"), 500000000);
	assert_int_equal(ns("0.1ms"), 100000);
	assert_int_equal(ns("1.000000001s"), 1000000001);
	assert_int_equal(ns("0.0000000019s"), 1);
	assert_int_equal(ns("0.3333333333333333333333333333s"), 333333333);
}

static void longest_duration_fits_and_a_longer_one_is_refused(void **state)
{
	assert_true(ns("18446744073709551615ns") == UINT64_MAX);
	refused("18446744073709551616ns", -ERANGE);
	refused("18446744073709551615ns 1ns", -ERANGE);
	refused("18446744073709551615s", -ERANGE);
	refused("585y", -ERANGE);
	refused("99999999999999999999999999s", -ERANGE);
}

static void what_is_no_duration_is_refused(void **state)
{
	refused("", -EINVAL);
	refused(" ", -EINVAL);
	refused("s", -EINVAL);
	refused("-1s", -EINVAL);
	refused("+1s", -EINVAL);
	refused("1parsec", -EINVAL);
	refused("1S", -EINVAL);
	refused("1ss", -EINVAL);
	refused("1.s", -EINVAL);
	refused(".5s", -EINVAL);
	refused("1..5s", -EINVAL);
	refused("1e3s", -EINVAL);
	refused("1s,", -EINVAL);
	refused("one second", -EINVAL);
}

static void sizes_know_binary_and_decimal_units(void **state)
{
	assert_int_equal(bytes("0"), 0);
	assert_int_equal(bytes("4096"), 4096);
	assert_int_equal(bytes("4096B"), 4096);
	assert_int_equal(bytes("4K"), 4096);
	assert_int_equal(bytes("1KiB"), 1024);
	assert_int_equal(bytes("1 MiB"), 1048576);
	assert_int_equal(bytes("1mib"), 1048576);
	assert_int_equal(bytes("2GiB"), 2147483648);
	assert_int_equal(bytes("1kB"), 1000);
	assert_int_equal(bytes("1KB"), 1000);
	assert_int_equal(bytes("1MB"), 1000000);
	assert_int_equal(bytes("0.5MiB"), 524288);
}

static void what_is_no_size_is_refused(void **state)
{
	static const char *const texts[] = {"", "MiB", "-1", "1 MiB 2", "1Mi", "1xB", "1MiB,"};
	uint64_t value;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *why = NULL;

		assert_int_equal(size_parse(texts[i], &value, &why), -EINVAL);
		assert_non_null(why);
	}

	const char *why = NULL;

	assert_int_equal(size_parse("16777216TiB", &value, &why), -ERANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_unit_has_its_length),
		cmocka_unit_test(every_spelling_of_humantime_is_known),
		cmocka_unit_test(parts_add_up_with_and_without_spaces),
		cmocka_unit_test(zero_needs_no_unit_and_other_numbers_do),
		cmocka_unit_test(fractions_are_exact_to_the_nanosecond),
		cmocka_unit_test(longest_duration_fits_and_a_longer_one_is_refused),
		cmocka_unit_test(what_is_no_duration_is_refused),
		cmocka_unit_test(sizes_know_binary_and_decimal_units),
		cmocka_unit_test(what_is_no_size_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
