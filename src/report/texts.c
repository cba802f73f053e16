/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/texts.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS_FIRST 1024

/* FNV-1a over words of eight bytes: there may be hundreds of thousands of long command lines. */
static uint32_t hash_of(const char *bytes, size_t n)
{
	uint64_t hash = 0xcbf29ce484222325u;

	while (n > 0) {
		const size_t here = n < 8 ? n : 8;
		uint64_t word = 0;

		memcpy(&word, bytes, here);
		hash = (hash ^ word) * 0x100000001b3u;
		hash ^= hash >> 29;
		bytes += here;
		n -= here;
	}
	return (uint32_t)(hash ^ hash >> 32);
}

void report_texts_fini(struct report_texts *texts)
{
	arena_fini(&texts->arena);
	free(texts->buckets);
	*texts = (struct report_texts){.n = 0};
}

static int grow(struct report_texts *texts)
{
	const size_t n = texts->n_buckets ? 2 * texts->n_buckets : BUCKETS_FIRST;
	struct report_text **buckets = calloc(n, sizeof(struct report_text *));

	if (!buckets)
		return -1;
	free(texts->buckets);
	texts->buckets = buckets;
	texts->n_buckets = n;
	for (struct report_text *text = texts->first; text; text = text->next) {
		struct report_text **bucket = &buckets[text->hash & (n - 1)];

		text->next_in_bucket = *bucket;
		*bucket = text;
	}
	return 0;
}

const struct report_text *report_texts_get(struct report_texts *texts, const char *bytes, size_t n)
{
	const uint32_t hash = hash_of(bytes, n);
	struct report_text *text, **bucket;

	if (texts->n >= texts->n_buckets && grow(texts) < 0)
		return NULL;
	bucket = &texts->buckets[hash & (texts->n_buckets - 1)];
	for (text = *bucket; text; text = text->next_in_bucket) {
		if (text->hash == hash && text->n == n && memcmp(text->bytes, bytes, n) == 0)
			return text;
	}
	text = arena_take(&texts->arena, sizeof(*text) + n + 1);
	if (!text)
		return NULL;
	*text = (struct report_text){.id = (uint32_t)texts->n++, .hash = hash, .n = n};
	memcpy(text->bytes, bytes, n);
	text->bytes[n] = '\0';
	text->next_in_bucket = *bucket;
	*bucket = text;
	if (texts->last)
		texts->last->next = text;
	else
		texts->first = text;
	texts->last = text;
	return text;
}
