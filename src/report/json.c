/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/json.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#include "core/number.h"
#include "core/utf8.h"
#include "report/names.h"

/* How a character has to be written in a string; NULL: as it is. is_byte: it is no UTF-8. */
static const char *escape_of(uint32_t code, bool is_byte, char escape[static 8])
{
	if (is_byte)
		snprintf(escape, 8, "\\\\x%02x", code);
	else if (code == '"' || code == '\\')
		snprintf(escape, 8, "\\%c", (char)code);
	else if (code < 0x20 || (code >= 0x7f && code < 0xa0) || code == '<')
		snprintf(escape, 8, "\\u%04x", code);
	else
		return NULL;
	return escape;
}

void json_add_string(struct text *out, const char *bytes, size_t n)
{
	size_t plain = 0;

	text_add_char(out, '"');
	for (size_t at = 0; at < n;) {
		uint32_t code = (unsigned char)bytes[at];
		size_t length = code < 0x80 ? 1 : utf8_decode(bytes + at, &code);
		const bool is_byte = length == 0 || length > n - at;
		char buffer[8];
		const char *escape;

		if (is_byte) {
			code = (unsigned char)bytes[at];
			length = 1;
		}
		escape = escape_of(code, is_byte, buffer);
		if (escape) {
			text_add(out, bytes + plain, at - plain);
			text_add_string(out, escape);
			plain = at + length;
		}
		at += length;
	}
	text_add(out, bytes + plain, n - plain);
	text_add_char(out, '"');
}

void json_add_visible(struct text *out, const char *bytes, size_t n)
{
	struct text visible = {.n = 0};

	report_add_visible(&visible, bytes, n);
	json_add_string(out, visible.n ? visible.data : "", visible.n);
	out->failed |= visible.failed;
	text_fini(&visible);
}

void json_add_u64(struct text *out, uint64_t value)
{
	char digits[NUMBER_U64_SIZE];

	text_add(out, digits, number_format_u64(value, digits));
}

void json_add_f64(struct text *out, double value)
{
	char digits[NUMBER_F64_SIZE];

	if (isfinite(value))
		text_add(out, digits, number_format_f64(value, digits));
	else
		text_add_string(out, "null");
}

void json_separate(struct text *out)
{
	/* No comma after a line break, where the caller has written its own. */
	if (out->n > 0 && !strchr("[{:\n", out->data[out->n - 1]))
		text_add_char(out, ',');
}

void json_add_key(struct text *out, const char *key)
{
	json_separate(out);
	text_add_char(out, '"');
	text_add_string(out, key);
	text_add_string(out, "\":");
}

void json_add_pair(struct text *out, const char *key, const char *value)
{
	json_add_key(out, key);
	json_add_string(out, value, strlen(value));
}

void json_add_pair_visible(struct text *out, const char *key, const char *value)
{
	json_add_key(out, key);
	json_add_visible(out, value, strlen(value));
}

void json_add_pair_u64(struct text *out, const char *key, uint64_t value)
{
	json_add_key(out, key);
	json_add_u64(out, value);
}

void json_add_pair_f64(struct text *out, const char *key, double value)
{
	json_add_key(out, key);
	json_add_f64(out, value);
}
