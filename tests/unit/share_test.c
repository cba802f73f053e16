/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The arithmetic of estimates in the kernel, against 128 bits. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "bpf/share.h"

#define HOURS_39 (UINT64_C(1) << 47)

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
		uint64_t whole = 1 + random_below(HOURS_39 - 1);
		uint64_t part = random_below(whole);
		uint64_t value = random_below(INT64_MAX);

		if (share_of(value, part, whole) != nearest(value, part, whole))
			fail_msg("%ju x %ju / %ju: %ju, not %ju", value, part, whole,
			         share_of(value, part, whole), nearest(value, part, whole));
	}
}

/* A slice of 1 us since a reading an hour ago is no nothing: 65 536 such slices are 65 ms. */
static void short_slices_have_their_share(void **state)
{
	const uint64_t hour_ns = UINT64_C(3600000000000);

	assert_int_equal(share_of(hour_ns, 1000, hour_ns), 1000);
	assert_int_equal(share_of(10 * hour_ns, 1, hour_ns), 10);
	assert_int_equal(share_of(1000000, 1, 65537), 15);
}

static void the_longest_times_are_right_to_six_digits(void **state)
{
	srandom(2);
	for (int i = 0; i < 100000; i++) {
		uint64_t whole = HOURS_39 + random_below(INT64_MAX - HOURS_39);
		uint64_t part = whole / 1000 * (1 + random_below(998));
		uint64_t exact = nearest(INT64_MAX / 2, part, whole);
		uint64_t found = share_of(INT64_MAX / 2, part, whole);

		assert_true((found > exact ? found - exact : exact - found) <= exact / 1000000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(share_is_exact),
		cmocka_unit_test(short_slices_have_their_share),
		cmocka_unit_test(the_longest_times_are_right_to_six_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
