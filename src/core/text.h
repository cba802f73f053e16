/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A byte buffer that grows at its end. A failed allocation is recorded, not returned: append in
 * many steps, and check failed once.
 */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* A zeroed text is empty and ready to use. It is not NUL-terminated, and may contain any byte. */
struct text {
	char *data;
	size_t n, capacity;
	bool failed; /* memory ran out: something is missing */
};

void text_fini(struct text *text);

/* Empty the text. Its memory is kept for reuse, unless it is more than keep bytes. */
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
