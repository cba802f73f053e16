/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/text.h"

#include <stdint.h>
#include <stdlib.h>

#define SMALLEST 256

void text_fini(struct text *text)
{
	free(text->data);
	*text = (struct text){.data = NULL};
}

void text_clear(struct text *text, size_t keep)
{
	if (text->capacity > keep)
		text_fini(text);
	text->n = 0;
	text->failed = false;
}

bool text_grow(struct text *text, size_t n)
{
	size_t capacity = text->capacity < SMALLEST ? SMALLEST : text->capacity;
	char *data;

	while (capacity - text->n < n) {
		if (capacity > SIZE_MAX / 2) {
			text->failed = true;
			return false;
		}
		capacity *= 2;
	}
	data = realloc(text->data, capacity);
	if (!data) {
		text->failed = true;
		return false;
	}
	text->data = data;
	text->capacity = capacity;
	return true;
}
