/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "outputs/file/csv_cell.h"

static bool needs_quotes(const char *bytes, size_t n, struct csv_delimiter delimiter)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '"' || bytes[i] == '\r' || bytes[i] == '\n' ||
		    csv_holds_delimiter(bytes + i, n - i, delimiter))
			return true;
	}
	return false;
}

void csv_add_cell(struct text *out, const char *bytes, size_t n, struct csv_delimiter delimiter)
{
	if (!needs_quotes(bytes, n, delimiter)) {
		text_add(out, bytes, n);
		return;
	}
	text_add_char(out, '"');
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '"')
			text_add_char(out, '"');
		text_add_char(out, bytes[i]);
	}
	text_add_char(out, '"');
}
