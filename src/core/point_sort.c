/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/point_sort.h"

#include <string.h>

/* The end of the ascending run that starts at begin. */
static size_t run_end(const struct point *points, size_t begin, size_t n)
{
	size_t end = begin;

	if (end < n)
		end++;
	while (end < n && points[end - 1].time_ns <= points[end].time_ns)
		end++;
	return end;
}

/* Merge the adjacent runs [begin, middle) and [middle, end) of from into the same place of to. */
static void merge(const struct point *from, size_t begin, size_t middle, size_t end,
                  struct point *to)
{
	size_t left = begin, right = middle;

	for (size_t at = begin; at < end; at++) {
		if (right == end || (left < middle && from[left].time_ns <= from[right].time_ns))
			to[at] = from[left++];
		else
			to[at] = from[right++];
	}
}

/* Merge the runs in pairs. Returns how many runs there were. */
static size_t merge_pairs(const struct point *from, size_t n, struct point *to)
{
	size_t runs = 0;

	for (size_t begin = 0, end; begin < n; begin = end) {
		size_t middle = run_end(from, begin, n);

		end = run_end(from, middle, n);
		runs += middle < n ? 2 : 1;
		merge(from, begin, middle, end, to);
	}
	return runs;
}

void point_sort(struct point *points, size_t n, struct point *scratch)
{
	if (run_end(points, 0, n) == n)
		return;
	/* Merge into scratch and back. If a single run is left, the way back only copies it. */
	for (;;) {
		merge_pairs(points, n, scratch);
		if (merge_pairs(scratch, n, points) <= 2)
			return;
	}
}
