/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "tree/view/json.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "core/json_escape.h"
#include "tree/label.h"

static void put_string(struct json *json, const char *text)
{
	const char *end = text + strlen(text);

	fputc('"', json->file);
	while (text < end) {
		char escape[JSON_ESCAPE_SIZE];
		const size_t taken = json_escape(text, (size_t)(end - text), escape);

		if (*text == LABEL_CUT)
			fputs("\\u2026", json->file);
		else if (*escape)
			fputs(escape, json->file);
		else
			fwrite(text, 1, taken, json->file);
		text += taken;
	}
	fputc('"', json->file);
}

static void start_value(struct json *json, const char *key)
{
	if (!json->is_first)
		fputc(',', json->file);
	if (json->depth > 0)
		fprintf(json->file, "\n%*s", (int)(2 * json->depth), "");
	json->is_first = false;
	if (key) {
		put_string(json, key);
		fputs(": ", json->file);
	}
}

void json_start(struct json *json, FILE *file)
{
	*json = (struct json){.file = file, .is_first = true};
}

void json_open(struct json *json, const char *key, char bracket)
{
	start_value(json, key);
	fputc(bracket, json->file);
	json->depth++;
	json->is_first = true;
}

void json_close(struct json *json, char bracket)
{
	json->depth--;
	if (!json->is_first)
		fprintf(json->file, "\n%*s", (int)(2 * json->depth), "");
	fputc(bracket, json->file);
	json->is_first = false;
}

void json_u64(struct json *json, const char *key, uint64_t value)
{
	start_value(json, key);
	fprintf(json->file, "%" PRIu64, value);
}

void json_double(struct json *json, const char *key, double value)
{
	start_value(json, key);
	if (isfinite(value))
		fprintf(json->file, "%.17g", value);
	else
		fputs("null", json->file);
}

void json_bool(struct json *json, const char *key, bool value)
{
	start_value(json, key);
	fputs(value ? "true" : "false", json->file);
}

void json_text(struct json *json, const char *key, const char *text)
{
	start_value(json, key);
	put_string(json, text);
}

void json_finish(struct json *json)
{
	fputc('\n', json->file);
}
