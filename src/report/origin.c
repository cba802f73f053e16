/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/origin.h"

#include <string.h>

/* run->info is "key=value\n" for each attribute. */
const char *origin_find(const struct report_run *run, const char *key, size_t *n)
{
	const size_t length = strlen(key);

	for (const char *line = run->info ? run->info->bytes : ""; *line;) {
		const char *end = strchrnul(line, '\n');

		if ((size_t)(end - line) > length && memcmp(line, key, length) == 0 &&
		    line[length] == '=') {
			*n = (size_t)(end - line) - length - 1;
			return line + length + 1;
		}
		line = *end ? end + 1 : end;
	}
	return NULL;
}

uint64_t origin_epoch_ns(const struct report_run *run, uint64_t axis_ns)
{
	return run->start_ns + (axis_ns > run->begin_ns ? axis_ns - run->begin_ns : 0);
}

uint64_t origin_hash(uint64_t hash, const void *bytes, size_t n)
{
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ byte[i]) * 0x100000001b3ULL;
	/* FNV-1a hardly mixes the last bytes into the upper bits: finish as murmur3 does. */
	hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccdULL;
	hash = (hash ^ hash >> 33) * 0xc4ceb9fe1a85ec53ULL;
	return hash ^ hash >> 33;
}
