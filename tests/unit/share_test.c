/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The arithmetic of estimates in the kernel, against 128 bits. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "bpf/share.h"

#define SECONDS_4 (UINT64_C(1) << 32)

static uint64_t nearest(uint64_t value, uint64_t part, uint64_t whole)
{
	return (uint64_t)(((unsigned __int128)value * part + whole / 2) / whole);
}

/* Numbers of all sizes: as many of 3 bits as of 40. */
static uint64_t random_below(uint64_t limit)
{
	uint64_t number = (uint64_t)random() << 62 ^ (uint64_t)random() << 31 ^ (uint64_t)random();

	return (number >> random() % 64) % limit;
}

static void share_is_exact(void **state)
{
	srandom(1);
	for (int i = 0; i < 1000000; i++) {
		uint64_t whole = 1 + random_below(SECONDS_4 - 1);
		uint64_t part = random_below(whole);
		uint64_t value = random_below(INT64_MAX);

		if (share_of(value, part, whole) != nearest(value, part, whole))
			fail_msg("%ju x %ju / %ju: %ju, not %ju", value, part, whole,
			         share_of(value, part, whole), nearest(value, part, whole));
	}
}

/* Of longer times all but the last 65 us of a slice counts: a millionth of it after a minute. */
static void long_times_lose_the_shortest_slices(void **state)
{
	const uint64_t hour_ns = UINT64_C(3600000000000), minute_ns = hour_ns / 60;

	assert_int_equal(share_of(1000000, 1, 65537), 15);
	assert_in_range(share_of(minute_ns, minute_ns / 3, minute_ns), minute_ns / 3 - 65536,
	                minute_ns / 3 + 65536);
	assert_in_range(share_of(10 * hour_ns, 1000000, hour_ns), 10000000 - 10 * 65536, 10000000);
	assert_int_equal(share_of(hour_ns, 1000, hour_ns), 0);
}

static void long_times_are_right_but_for_what_is_left_out(void **state)
{
	srandom(2);
	for (int i = 0; i < 100000; i++) {
		uint64_t whole = SECONDS_4 + random_below(INT64_MAX - SECONDS_4);
		uint64_t left_out = whole >> 48 ? SECONDS_4 : 65536;
		uint64_t part = random_below(whole);
		uint64_t exact = nearest(INT64_MAX / 2, part, whole);
		uint64_t found = share_of(INT64_MAX / 2, part, whole);

		assert_in_range(found > exact ? found - exact : exact - found, 0,
		                nearest(INT64_MAX / 2, left_out, whole) + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(share_is_exact),
		cmocka_unit_test(long_times_lose_the_shortest_slices),
		cmocka_unit_test(long_times_are_right_but_for_what_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
