/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "agent/config_settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/config_file.h"
#include "agent/duration.h"
#include "core/log.h"
#include "core/suggest.h"
#include "core/text.h"

/* Where a value belongs: its plugin, its entry in the plugin's table, the field. */
struct target {
	const char *plugin;
	const struct setting *setting;
	void *field;
};

static void *field_of(void *settings, const struct setting *setting)
{
	return (char *)settings + setting->offset;
}

const struct setting *settings_find(const struct setting *table, const char *key)
{
	for (; table && table->key; table++) {
		if (strcmp(table->key, key) == 0)
			return table;
	}
	return NULL;
}

/* ---- lists ---- */

void setting_list_clear(struct setting_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->items[i].text);
		free(list->items[i].rename);
	}
	free(list->items);
	*list = (struct setting_list){0};
}

int setting_list_add(struct setting_list *list, const char *text, const char *rename)
{
	struct setting_item *items = reallocarray(list->items, list->n + 1, sizeof(*items));
	struct setting_item item = {.text = strdup(text), .rename = rename ? strdup(rename) : NULL};

	if (items)
		list->items = items;
	if (!items || !item.text || (rename && !item.rename)) {
		free(item.text);
		free(item.rename);
		return -ENOMEM;
	}
	items[list->n++] = item;
	list->is_set = true;
	return 0;
}

/* ---- one value ---- */

/* "plugins.csv.force_flush: true or false is expected here, not a string" */
static int wrong_type(const struct target *target, const struct toml_value *value,
                      const char *expected)
{
	config_error(value, value->place, "plugins.%s.%s: %s is expected here, not %s",
	             target->plugin, target->setting->key, expected, toml_type_name(value->type));
	return -EINVAL;
}

static int wrong_value(const struct target *target, const struct toml_value *value, const char *why)
{
	config_error(value, value->place, "plugins.%s.%s = \"%s\": %s", target->plugin,
	             target->setting->key, value->string, why);
	return -EINVAL;
}

static int set_uint(const struct target *target, const struct toml_value *value)
{
	if (value->type != TOML_INTEGER)
		return wrong_type(target, value, "a whole number");
	if (value->integer < 0) {
		config_error(value, value->place, "plugins.%s.%s: it cannot be negative",
		             target->plugin, target->setting->key);
		return -EINVAL;
	}
	*(uint64_t *)target->field = (uint64_t)value->integer;
	return 0;
}

static int set_string(const struct target *target, const struct toml_value *value)
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

/* "it can be \"a\", \"b\" or \"c\"", with the one that was probably meant. */
static int wrong_choice(const struct target *target, const struct toml_value *value)
{
	const char *const *choices = target->setting->choices;
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

static int set_choice(const struct target *target, const struct toml_value *value)
{
	if (value->type != TOML_STRING)
		return wrong_type(target, value, "a string");
	for (int i = 0; target->setting->choices[i]; i++) {
		if (strcmp(value->string, target->setting->choices[i]) == 0) {
			*(int *)target->field = i;
			return 0;
		}
	}
	return wrong_choice(target, value);
}

static int set_duration(const struct target *target, const struct toml_value *value)
{
	const char *why;

	if (value->type != TOML_STRING)
		return wrong_type(target, value,
		                  "a duration in quotes, with its unit, like \"1s\" or \"10ms\",");
	if (duration_parse(value->string, target->field, &why) != 0)
		return wrong_value(target, value, why);
	return 0;
}

static int set_size(const struct target *target, const struct toml_value *value)
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

/* Whether the key of a list's { event, rename } table is known and has a non-empty string. */
static bool is_item_key(const struct target *target, const struct toml_value *value)
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
	             "{ event = \"…\", rename = \"…\" }",
	             target->plugin, target->setting->key, value->key);
	return false;
}

static int add_item_table(const struct target *target, const struct toml_value *item)
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
		             "{ event = \"…\", rename = \"…\" }",
		             target->plugin, target->setting->key);
		return -EINVAL;
	}
	return setting_list_add(target->field, event->string, rename ? rename->string : NULL);
}

static int set_list(const struct target *target, const struct toml_value *value)
{
	struct setting_list *list = target->field;
	int err = 0;

	if (value->type != TOML_ARRAY)
		return wrong_type(target, value, "a list like [\"A\", \"B\"]");
	setting_list_clear(list);
	list->is_set = true;
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

static int set_bool(const struct target *target, const struct toml_value *value)
{
	if (value->type != TOML_BOOLEAN)
		return wrong_type(target, value, "true or false, without quotes,");
	*(bool *)target->field = value->boolean;
	return 0;
}

static int set_value(const struct target *target, const struct toml_value *value)
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
	case SETTING_IGNORED:
		config_warn(value, value->key_place, "plugins.%s.%s has no effect in this program",
		            target->plugin, value->key);
		return 0;
	}
	return -EINVAL;
}

/* ---- the table ---- */

static void unknown_key(const char *plugin, const struct setting *table,
                        const struct toml_value *value)
{
	const char *nearest = NULL, **names;
	size_t n = 0;

	while (table && table[n].key)
		n++;
	names = calloc(n + 1, sizeof(*names));
	if (names) {
		for (size_t i = 0; i < n; i++)
			names[i] = table[i].key;
		names[n] = KEY_ENABLED;
		nearest = suggest_nearest(value->key, names, n + 1);
	}
	if (nearest)
		config_error(value, value->key_place,
		             "plugins.%s: unknown key '%s'; did you mean %s?", plugin, value->key,
		             nearest);
	else
		config_error(value, value->key_place,
		             "plugins.%s: unknown key '%s'\n'alumet-agent --config FILE config "
		             "regen' writes a file with all keys",
		             plugin, value->key);
	free(names);
}

static int apply_table(const char *plugin, const struct setting *table,
                       const struct toml_value *values, void *settings)
{
	int err = 0;

	for (size_t i = 0; i < values->n; i++) {
		const struct toml_value *value = &values->items[i];
		const struct setting *setting = settings_find(table, value->key);
		int value_err = -EINVAL;

		if (setting) {
			const struct target target = {plugin, setting, field_of(settings, setting)};

			value_err = set_value(&target, value);
		} else if (strcmp(value->key, KEY_ENABLED) == 0 ||
		           strcmp(value->key, KEY_ENABLE) == 0) {
			value_err = 0;
		} else {
			unknown_key(plugin, table, value);
		}
		err = err ? err : value_err;
	}
	return err;
}

/* The defaults as a TOML document: "key = initial", line by line. */
static void add_defaults(struct text *text, const struct setting *table)
{
	for (; table && table->key; table++) {
		if (!table->initial || table->type == SETTING_IGNORED)
			continue;
		text_add_string(text, table->key);
		text_add_string(text, " = ");
		text_add_string(text, table->initial);
		text_add_string(text, "\n");
	}
}

static int apply_defaults(const char *plugin, const struct setting *table, void *settings)
{
	struct text text = {0};
	struct toml_value *values = NULL;
	struct toml_error error = {0};
	int err = -ENOMEM;

	add_defaults(&text, table);
	if (!text.failed)
		err = toml_parse(text.n ? text.data : "", text.n, "built-in defaults", &values,
		                 &error);
	if (err == -EINVAL)
		log_error("the built-in defaults of plugin %s, line %u: %s", plugin,
		          error.place.line, error.message);
	if (!err)
		err = apply_table(plugin, table, values, settings);
	toml_free(values);
	text_fini(&text);
	return err;
}

int settings_fill(const char *name, const struct setting *table, const struct toml_value *user,
                  void *settings)
{
	int err = apply_defaults(name, table, settings);

	if (!err && user)
		err = apply_table(name, table, user, settings);
	return err;
}

void settings_free(const struct setting *table, void *settings)
{
	for (; table && table->key; table++) {
		void *field = field_of(settings, table);

		if (table->type == SETTING_STRING) {
			free(*(char **)field);
			*(char **)field = NULL;
		} else if (table->type == SETTING_LIST) {
			setting_list_clear(field);
		}
	}
}
