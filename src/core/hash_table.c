/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/hash_table.h"

#include <string.h>

uint64_t hash_mix(uint64_t x)
{
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9ULL;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

uint32_t hash_bytes(const void *key, size_t size)
{
	const unsigned char *bytes = key;
	uint64_t hash = hash_mix(size + 1);

	while (size > 0) {
		const size_t n = size < sizeof(hash) ? size : sizeof(hash);
		uint64_t word = 0;

		memcpy(&word, bytes, n);
		hash = hash_mix(hash ^ word);
		bytes += n;
		size -= n;
	}
	return (uint32_t)hash;
}
