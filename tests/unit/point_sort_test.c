/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "core/point_sort.h"

#define MAX 300

/* Each point knows where it was, in value.u64. */
static void fill(struct point *points, size_t n, uint64_t (*time)(size_t i))
{
	memset(points, 0, n * sizeof(*points));
	for (size_t i = 0; i < n; i++) {
		points[i].time_ns = time(i);
		points[i].value.u64 = i;
	}
}

static void assert_sorted_and_stable(const struct point *points, size_t n)
{
	char seen[MAX] = {0};

	for (size_t i = 0; i < n; i++) {
		assert_true(points[i].value.u64 < n);
		assert_false(seen[points[i].value.u64]);
		seen[points[i].value.u64] = 1;
		if (i == 0)
			continue;
		assert_true(points[i - 1].time_ns <= points[i].time_ns);
		if (points[i - 1].time_ns == points[i].time_ns)
			assert_true(points[i - 1].value.u64 < points[i].value.u64);
	}
}

static uint64_t few_times(size_t i)
{
	return (uint64_t)rand() % 10;
}

static uint64_t many_times(size_t i)
{
	return (uint64_t)rand();
}

static uint64_t descending(size_t i)
{
	return MAX - i;
}

static uint64_t same(size_t i)
{
	return 7;
}

static uint64_t interleaved_runs(size_t i)
{
	return i % 3 * 20 + i;
}

static void sorts_any_order_of_any_length(void **state)
{
	uint64_t (*const orders[])(size_t) = {few_times, many_times, descending, same,
	                                      interleaved_runs};
	struct point points[MAX], scratch[MAX];

	for (size_t order = 0; order < sizeof(orders) / sizeof(*orders); order++) {
		for (size_t n = 0; n <= MAX; n++) {
			fill(points, n, orders[order]);
			point_sort(points, n, scratch);
			assert_sorted_and_stable(points, n);
		}
	}
}

static void does_not_touch_scratch_when_sorted(void **state)
{
	struct point points[MAX];

	fill(points, MAX, same);
	point_sort(points, MAX, NULL);
	assert_sorted_and_stable(points, MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorts_any_order_of_any_length),
		cmocka_unit_test(does_not_touch_scratch_when_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
