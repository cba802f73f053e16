/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/sorted.h"

size_t sorted_upto(const void *items, size_t n, size_t size, uint64_t address)
{
	size_t low = 0, high = n;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const uint64_t *begin = (const void *)((const char *)items + middle * size);

		if (*begin <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
