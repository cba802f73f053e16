/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sorts points by time; those with the same time keep their order. */
#ifndef CORE_POINT_SORT_H
#define CORE_POINT_SORT_H

#include <stddef.h>

#include "alumet/point.h"

/*
 * Stable; O(n) when already sorted, O(n log r) for r ascending runs. scratch: room for n points,
 * not touched when already sorted.
 */
void point_sort(struct point *points, size_t n, struct point *scratch);

#endif
