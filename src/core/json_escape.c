/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/json_escape.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

#include "core/utf8.h"

size_t json_escape(const char *text, size_t n, char escape[static JSON_ESCAPE_SIZE])
{
	uint32_t code = 0;
	const size_t length = utf8_decode(text, &code);

	escape[0] = '\0';
	if (length == 0 || length > n) {
		snprintf(escape, JSON_ESCAPE_SIZE, "\\\\x%02x", (unsigned char)*text);
		return 1;
	}
	if (code == '"' || code == '\\')
		snprintf(escape, JSON_ESCAPE_SIZE, "\\%c", *text);
	else if (code == '\n')
		snprintf(escape, JSON_ESCAPE_SIZE, "\\n");
	else if (code < 0x20 || (code >= 0x7f && code < 0xa0))
		snprintf(escape, JSON_ESCAPE_SIZE, "\\u%04" PRIx32, code & 0xff);
	return length;
}
