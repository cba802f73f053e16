/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/json.h"

#include <math.h>

#include "core/number.h"
#include "report/names.h"

void json_add_string(struct text *out, const char *bytes, size_t n)
{
	const size_t start = out->n + 1;
	struct text quoted = {.n = 0};
	size_t special = 0;

	text_add_char(out, '"');
	report_add_visible(out, bytes, n);
	/* Escape '<', too: no text of a process may close the <script>. */
	for (size_t i = start; i < out->n; i++)
		special += out->data[i] == '"' || out->data[i] == '\\' || out->data[i] == '<';
	if (special > 0 && !out->failed) {
		for (size_t i = start; i < out->n; i++) {
			const char c = out->data[i];

			if (c == '<') {
				text_add_string(&quoted, "\\u003c");
				continue;
			}
			if (c == '"' || c == '\\')
				text_add_char(&quoted, '\\');
			text_add_char(&quoted, c);
		}
		out->n = start;
		text_add(out, quoted.data, quoted.n);
		out->failed = out->failed || quoted.failed;
	}
	text_fini(&quoted);
	text_add_char(out, '"');
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
