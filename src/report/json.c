/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/json.h"

#include <math.h>

#include "core/json_escape.h"
#include "core/number.h"
#include "report/names.h"

void json_add_string(struct text *out, const char *bytes, size_t n)
{
	size_t plain = 0, taken;

	text_add_char(out, '"');
	for (size_t at = 0; at < n; at += taken) {
		char escape[JSON_ESCAPE_SIZE];

		taken = 1;
		if (json_is_plain(bytes[at]) && bytes[at] != '<')
			continue;
		taken = json_escape(bytes + at, n - at, escape);
		if (*escape || bytes[at] == '<') {
			text_add(out, bytes + plain, at - plain);
			text_add_string(out, *escape ? escape : "\\u003c");
			plain = at + taken;
		}
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
