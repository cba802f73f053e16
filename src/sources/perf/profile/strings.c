/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/profile/strings.h"
#include "core/hash_table.h"

#include <stdlib.h>
#include <string.h>

struct strings_entry {
	UT_hash_handle hh;
	uint32_t number;
	char text[];
};

uint32_t strings_intern(struct strings *strings, const char *text)
{
	const size_t length = strlen(text);
	struct strings_entry *entry;

	HASH_FIND(hh, strings->by_text, text, length, entry);
	if (entry)
		return entry->number;
	if (strings->n == strings->capacity) {
		const size_t room = strings->capacity ? 2 * strings->capacity : 256;
		struct strings_entry **grown = reallocarray(strings->entries, room, sizeof(*grown));

		if (!grown || room >= NO_STRING)
			return NO_STRING;
		strings->entries = grown;
		strings->capacity = room;
	}
	entry = calloc(1, sizeof(*entry) + length + 1);
	if (!entry)
		return NO_STRING;
	memcpy(entry->text, text, length);
	entry->number = (uint32_t)strings->n;
	HASH_ADD_KEYPTR(hh, strings->by_text, entry->text, length, entry);
	if (!entry->hh.tbl) {
		free(entry);
		return NO_STRING;
	}
	strings->entries[strings->n++] = entry;
	return entry->number;
}

const char *strings_get(const struct strings *strings, uint32_t number)
{
	return strings->entries[number]->text;
}

void strings_fini(struct strings *strings)
{
	HASH_CLEAR(hh, strings->by_text);
	for (size_t i = 0; i < strings->n; i++)
		free(strings->entries[i]);
	free(strings->entries);
	*strings = (struct strings){.n = 0};
}
