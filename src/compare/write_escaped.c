/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "compare/write.h"

#include <string.h>

void write_escaped(struct text *out, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '<')
			text_add_string(out, "&lt;");
		else if (bytes[i] == '&')
			text_add_string(out, "&amp;");
		else {
			if (strchr("|\\`*_[]~", bytes[i]))
				text_add_char(out, '\\');
			text_add_char(out, bytes[i]);
		}
	}
}
