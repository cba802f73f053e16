/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/wrap.h"

#include <string.h>

static void print_word(FILE *out, const char *word, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		const unsigned char c = (unsigned char)word[i];

		fputc(c < 0x20 || c == 0x7f ? '?' : c, out);
	}
}

void wrap_print(FILE *out, const char *text, size_t column, const char *begin)
{
	while (*text) {
		const size_t length = strcspn(text, " \n");
		const char end = text[length];

		print_word(out, text, length);
		column += length;
		text += length + (end != '\0');
		if (end == '\n' || (end == ' ' && column + 1 + strcspn(text, " \n") > WRAP_WIDTH)) {
			fprintf(out, "\n%s", begin);
			column = strlen(begin);
		} else if (end == ' ') {
			fputc(' ', out);
			column++;
		}
	}
	fputc('\n', out);
}
