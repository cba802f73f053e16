/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Bytes that grow at their end. A failed allocation is remembered, not returned: build a text in
 * many steps and look at failed once.
 */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* A text of zeros is empty and ready. Not NUL-terminated; may hold any byte. */
struct text {
	char *data;
	size_t n, capacity;
	bool failed; /* memory ran out: something is missing */
};

void text_fini(struct text *text);

/* Empty it. Memory is kept for the next time, but not more than keep bytes. */
void text_clear(struct text *text, size_t keep);

/* Make room for n more bytes. Returns false, and sets failed, when memory ran out. */
bool text_grow(struct text *text, size_t n);

static inline void text_add(struct text *text, const void *bytes, size_t n)
{
	if (n > text->capacity - text->n && !text_grow(text, n))
		return;
	if (n > 0)
		memcpy(text->data + text->n, bytes, n);
	text->n += n;
}

static inline void text_add_char(struct text *text, char c)
{
	text_add(text, &c, 1);
}

static inline void text_add_string(struct text *text, const char *string)
{
	text_add(text, string, strlen(string));
}

#endif
