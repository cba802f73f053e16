/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "config/config_value.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config_file.h"
#include "config/config_settings.h"
#include "core/duration.h"
#include "core/number.h"
#include "core/setting_list.h"
#include "core/suggest.h"
#include "core/text.h"

/* "plugins.csv.force_flush: true or false is expected here, not a string" */
static int wrong_type(const struct config_target *target, const struct toml_value *value,
                      const char *expected)
{
	config_error(value, value->place, "plugins.%s.%s: %s is expected here, not %s",
	             target->plugin, target->setting->key, expected, toml_type_name(value->type));
	return -EINVAL;
}

/* A TOML string in quotes; characters that would end the line or the string are escaped. */
static void add_quoted(struct text *text, const char *string)
{
	text_add_char(text, '"');
	for (; *string; string++) {
		switch (*string) {
		case '\n':
			text_add_string(text, "\\n");
			break;
		case '\r':
			text_add_string(text, "\\r");
			break;
		case '\t':
			text_add_string(text, "\\t");
			break;
		case '"':
		case '\\':
			text_add_char(text, '\\');
			text_add_char(text, *string);
			break;
		default:
			text_add_char(text, *string);
		}
	}
	text_add_char(text, '"');
}

/*
 * "plugins.csv.csv_delimiter = \"::\": it must be a single character"; for a list, without its
 * value.
 */
static int wrong_value(const struct config_target *target, const struct toml_value *value,
                       const char *why)
{
	struct text text = {0};

	if (value->type == TOML_STRING) {
		text_add_string(&text, " = ");
		add_quoted(&text, value->string);
	}
	text_add_char(&text, '\0');
	if (value->type == TOML_INTEGER)
		config_error(value, value->place, "plugins.%s.%s = %lld: %s", target->plugin,
		             target->setting->key, (long long)value->integer, why);
	else
		config_error(value, value->place, "plugins.%s.%s%s: %s", target->plugin,
		             target->setting->key, text.failed ? "" : text.data, why);
	text_fini(&text);
	return -EINVAL;
}

static int set_uint(const struct config_target *target, const struct toml_value *value)
{
	if (value->type != TOML_INTEGER)
		return wrong_type(target, value, "a whole number");
	if (value->integer < 0)
		return wrong_value(target, value, "it cannot be negative");
	*(uint64_t *)target->field = (uint64_t)value->integer;
	return 0;
}

static int set_string(const struct config_target *target, const struct toml_value *value)
{
	char *copy;

	if (value->type != TOML_STRING)
		return wrong_type(target, value, "a string");
	copy = strdup(value->string);
	if (!copy)
		return -ENOMEM;
	free(*(char **)target->field);
	*(char **)target->field = copy;
	return 0;
}

/* "it can be \"a\", \"b\" or \"c\"", with the probably intended one. */
static int wrong_choice(const struct config_target *target, const struct toml_value *value)
{
	const char *const *choices = target->setting->values->choices;
	struct text text = {0};
	const char *nearest;
	size_t n = 0;

	while (choices[n])
		n++;
	nearest = suggest_nearest(value->string, choices, n);
	text_add_string(&text, "it can be ");
	for (size_t i = 0; i < n; i++) {
		text_add_string(&text, i == 0 ? "\"" : i + 1 == n ? " or \"" : ", \"");
		text_add_string(&text, choices[i]);
		text_add_string(&text, "\"");
	}
	if (nearest) {
		text_add_string(&text, "; did you mean \"");
		text_add_string(&text, nearest);
		text_add_string(&text, "\"?");
	}
	text_add_char(&text, '\0');
	wrong_value(target, value, text.failed ? "it cannot be this" : text.data);
	text_fini(&text);
	return -EINVAL;
}

static int set_choice(const struct config_target *target, const struct toml_value *value)
{
	if (value->type != TOML_STRING)
		return wrong_type(target, value, "a string");
	for (int i = 0; target->setting->values->choices[i]; i++) {
		if (strcmp(value->string, target->setting->values->choices[i]) == 0) {
			*(int *)target->field = i;
			return 0;
		}
	}
	return wrong_choice(target, value);
}

static int set_duration(const struct config_target *target, const struct toml_value *value)
{
	const char *why;

	if (value->type != TOML_STRING)
		return wrong_type(target, value,
		                  "a duration in quotes, with its unit, like \"1s\" or \"10ms\",");
	if (duration_parse(value->string, target->field, &why) != 0)
		return wrong_value(target, value, why);
	return 0;
}

static int set_size(const struct config_target *target, const struct toml_value *value)
{
	const char *why;

	if (value->type == TOML_INTEGER)
		return set_uint(target, value);
	if (value->type != TOML_STRING)
		return wrong_type(target, value,
		                  "a size like \"1MiB\", a number of bytes or \"auto\"");
	if (strcmp(value->string, "auto") == 0)
		*(uint64_t *)target->field = 0;
	else if (size_parse(value->string, target->field, &why) != 0)
		return wrong_value(target, value, why);
	return 0;
}

/* Whether the key in a { event, rename } table of a list is known and has a non-empty string. */
static bool is_item_key(const struct config_target *target, const struct toml_value *value)
{
	static const char *const names[] = {"event", "rename"};

	for (size_t i = 0; i < 2; i++) {
		if (strcmp(value->key, names[i]) != 0)
			continue;
		if (value->type == TOML_STRING && *value->string)
			return true;
		config_error(value, value->place, "plugins.%s.%s: %s must be a name, in quotes",
		             target->plugin, target->setting->key, value->key);
		return false;
	}
	config_error(value, value->key_place,
	             "plugins.%s.%s: unknown key '%s'; an entry is a name or "
	             "{ event = \"...\", rename = \"...\" }",
	             target->plugin, target->setting->key, value->key);
	return false;
}

static int add_item_table(const struct config_target *target, const struct toml_value *item)
{
	const struct toml_value *event = toml_get(item, "event");
	const struct toml_value *rename = toml_get(item, "rename");

	for (size_t i = 0; i < item->n; i++) {
		if (!is_item_key(target, &item->items[i]))
			return -EINVAL;
	}
	if (!event) {
		config_error(item, item->place,
		             "plugins.%s.%s: the entry names no event; write "
		             "{ event = \"...\", rename = \"...\" }",
		             target->plugin, target->setting->key);
		return -EINVAL;
	}
	return setting_list_add(target->field, event->string, rename ? rename->string : NULL);
}

static int set_list(const struct config_target *target, const struct toml_value *value)
{
	struct setting_list *list = target->field;
	int err = 0;

	if (value->type != TOML_ARRAY)
		return wrong_type(target, value, "a list like [\"A\", \"B\"]");
	setting_list_clear(list);
	list->is_set = true;
	if (asprintf(&list->where, "%s:%u:%u: plugins.%s.%s", value->origin, value->place.line,
	             value->place.column, target->plugin, target->setting->key) < 0) {
		list->where = NULL;
		return -ENOMEM;
	}
	for (size_t i = 0; i < value->n; i++) {
		const struct toml_value *item = &value->items[i];
		int item_err;

		if (item->type == TOML_STRING && *item->string) {
			item_err = setting_list_add(list, item->string, NULL);
		} else if (item->type == TOML_TABLE) {
			item_err = add_item_table(target, item);
		} else if (item->type == TOML_STRING) {
			item_err = wrong_value(target, item, "an entry is empty");
		} else {
			item_err = wrong_type(target, item, "a string or { event, rename }");
		}
		err = err ? err : item_err;
	}
	return err;
}

static int set_text(const struct config_target *target, const struct toml_value *value)
{
	char number[NUMBER_F64_SIZE];
	char *copy;

	if (value->type == TOML_INTEGER)
		snprintf(number, sizeof(number), "%lld", (long long)value->integer);
	else if (value->type == TOML_FLOAT)
		number_format_f64(value->real, number);
	else if (value->type != TOML_STRING)
		return wrong_type(target, value, "a number or a string");
	copy = strdup(value->type == TOML_STRING ? value->string : number);
	if (!copy)
		return -ENOMEM;
	free(*(char **)target->field);
	*(char **)target->field = copy;
	return 0;
}

/* The lines of a table. prefix: the keys of the enclosing tables, "per_resource.". */
static void add_lines(struct text *text, const struct toml_value *table, const char *prefix)
{
	for (size_t i = 0; i < table->n; i++) {
		const struct toml_value *value = &table->items[i];
		char *inner = NULL;

		if (value->type == TOML_TABLE) {
			if (asprintf(&inner, "%s%s.", prefix, value->key) < 0)
				inner = NULL;
			text->failed |= !inner;
			if (inner)
				add_lines(text, value, inner);
			free(inner);
			continue;
		}
		text_add_string(text, prefix);
		text_add_string(text, value->key);
		text_add_char(text, '=');
		text_add_string(text, value->type == TOML_STRING ? value->string : "");
		text_add_char(text, '\n');
	}
}

static int set_tables(const struct config_target *target, const struct toml_value *value)
{
	struct setting_list *list = target->field;
	int err = 0;

	if (value->type != TOML_TABLE)
		return wrong_type(target, value, "a table of tables");
	setting_list_clear(list);
	for (size_t i = 0; !err && i < value->n; i++) {
		struct text text = {0};

		if (value->items[i].type != TOML_TABLE)
			return wrong_type(target, &value->items[i], "a table of tables");
		add_lines(&text, &value->items[i], "");
		text_add_char(&text, '\0');
		err = text.failed ? -ENOMEM
		                  : setting_list_add(list, text.data, value->items[i].key);
		text_fini(&text);
	}
	return err;
}

static int set_bool(const struct config_target *target, const struct toml_value *value)
{
	if (value->type != TOML_BOOLEAN)
		return wrong_type(target, value, "true or false, without quotes,");
	*(bool *)target->field = value->boolean;
	return 0;
}

static int set_typed(const struct config_target *target, const struct toml_value *value)
{
	switch (target->setting->type) {
	case SETTING_BOOL:
		return set_bool(target, value);
	case SETTING_UINT:
		return set_uint(target, value);
	case SETTING_STRING:
		return set_string(target, value);
	case SETTING_CHOICE:
		return set_choice(target, value);
	case SETTING_DURATION:
		return set_duration(target, value);
	case SETTING_SIZE:
		return set_size(target, value);
	case SETTING_LIST:
		return set_list(target, value);
	case SETTING_TEXT:
		return set_text(target, value);
	case SETTING_TABLES:
		return set_tables(target, value);
	case SETTING_IGNORED:
		config_warn(value, value->key_place, "plugins.%s.%s has no effect in this program",
		            target->plugin, value->key);
		return 0;
	}
	return -EINVAL;
}

int config_set_value(const struct config_target *target, const struct toml_value *value)
{
	const struct setting_values *values = target->setting->values;
	const char *problem = NULL;
	int err = set_typed(target, value);

	if (!err && values && values->problem)
		problem = values->problem(target->field);
	return problem ? wrong_value(target, value, problem) : err;
}
