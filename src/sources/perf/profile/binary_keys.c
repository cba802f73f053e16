/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/profile/binary_keys.h"

#include <stdlib.h>
#include <string.h>

#include "core/hash_table.h"
#include "sources/perf/profile/images.h"

struct binary_key {
	UT_hash_handle hh;
	uint32_t binary;
	char bytes[];
};

uint32_t binary_key_find(struct binary_key *keys, const void *bytes, size_t n)
{
	const struct binary_key *key;

	HASH_FIND(hh, keys, bytes, n, key);
	return key ? key->binary : NO_BINARY;
}

void binary_key_add(struct binary_key **keys, const void *bytes, size_t n, uint32_t binary)
{
	struct binary_key *key = calloc(1, sizeof(*key) + n);

	if (!key)
		return;
	key->binary = binary;
	memcpy(key->bytes, bytes, n);
	HASH_ADD_KEYPTR(hh, *keys, key->bytes, n, key);
	if (!key->hh.tbl)
		free(key);
}

void binary_keys_free(struct binary_key **keys)
{
	struct binary_key *key, *next;

	HASH_ITER(hh, *keys, key, next)
	{
		HASH_DEL(*keys, key);
		free(key);
	}
}
