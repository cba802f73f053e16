/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"

static void assert_time(uint64_t realtime_ns, const char *expected)
{
	char text[CLOCK_RFC3339_SIZE];

	assert_int_equal(clock_format_rfc3339(realtime_ns, text), strlen(expected));
	assert_string_equal(text, expected);
}

static void formats_known_moments(void **state)
{
	assert_time(0, "1970-01-01T00:00:00.000000000Z");
	assert_time(1, "1970-01-01T00:00:00.000000001Z");
	assert_time(1715722129416768909ULL, "2024-05-14T21:28:49.416768909Z");
	assert_time(1709251199999999999ULL, "2024-02-29T23:59:59.999999999Z");
	assert_time(1709251200000000000ULL, "2024-03-01T00:00:00.000000000Z");
	assert_time(4107542400000000000ULL, "2100-03-01T00:00:00.000000000Z");
	assert_time(UINT64_MAX, "2554-07-21T23:34:33.709551615Z");
}

/* date(1)'s arithmetic by hand: days counted one by one through the calendar. */
static void formats_each_day_of_four_centuries(void **state)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	uint64_t second = 0;

	for (int year = 1970; year < 2370; year++) {
		int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

		for (int month = 0; month < 12; month++) {
			int days = lengths[month] + (month == 1 && leap);

			for (int day = 1; day <= days; day++, second += 86400) {
				char expected[64];

				snprintf(expected, sizeof(expected),
				         "%04d-%02d-%02dT12:34:56.000000007Z", year, month + 1,
				         day);
				assert_time((second + 12 * 3600 + 34 * 60 + 56) * NSEC_PER_SEC + 7,
				            expected);
			}
		}
	}
}

static void shows_monotonic_moments_on_the_wall_clock(void **state)
{
	struct timespec before, after;
	uint64_t shown;

	clock_gettime(CLOCK_REALTIME, &before);
	shown = clock_to_realtime(clock_monotonic_ns());
	clock_gettime(CLOCK_REALTIME, &after);
	/* The clocks may be slewed against each other: a millisecond each way. */
	assert_true(shown + NSEC_PER_MSEC >=
	            (uint64_t)before.tv_sec * NSEC_PER_SEC + (uint64_t)before.tv_nsec);
	assert_true(shown <= (uint64_t)after.tv_sec * NSEC_PER_SEC + (uint64_t)after.tv_nsec +
	                             NSEC_PER_MSEC);
}

static void keeps_distances_exactly(void **state)
{
	uint64_t base = clock_to_realtime(1000000000);

	for (uint64_t distance = 1; distance < 1ULL << 50; distance *= 3)
		assert_int_equal(clock_to_realtime(1000000000 + distance) - base, distance);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_known_moments),
		cmocka_unit_test(formats_each_day_of_four_centuries),
		cmocka_unit_test(shows_monotonic_moments_on_the_wall_clock),
		cmocka_unit_test(keeps_distances_exactly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
