/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/wrap.h"

#include <string.h>

#include "core/printable.h"

void wrap_print(FILE *out, const char *text, size_t column, const char *begin)
{
	struct printable printable;

	printable_init(&printable);
	while (*text) {
		const size_t length = strcspn(text, " \n");
		const char end = text[length];

		column += printable_print(&printable, text, length, out);
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
	printable_fini(&printable);
}
