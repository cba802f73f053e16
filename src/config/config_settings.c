/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "config/config_settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/config_file.h"
#include "config/config_value.h"
#include "core/log.h"
#include "core/setting_list.h"
#include "core/suggest.h"
#include "core/text.h"

#define BUILT_IN "built-in defaults"

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
			const struct config_target target = {plugin, setting,
			                                     field_of(settings, setting)};

			value_err = config_set_value(&target, value);
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

/*
 * Most defaults are true, false, a number, or a string without escapes. Reading those here takes a
 * tenth of the parser's time, and even less for a float, for which the parser sets up the C++
 * locales. Returns false for any other default. The caller owns the string.
 */
static bool read_plain(const char *text, struct toml_value *value)
{
	const size_t length = strlen(text);
	char *end;

	value->origin = BUILT_IN;
	if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0) {
		value->type = TOML_BOOLEAN;
		value->boolean = *text == 't';
		return true;
	}
	value->integer = strtoll(text, &end, 10);
	if (end != text && !*end) {
		value->type = TOML_INTEGER;
		return true;
	}
	value->real = strtod(text, &end);
	if (end != text && !*end) {
		value->type = TOML_FLOAT;
		return true;
	}
	if (length < 2 || *text != '"' || strcspn(text + 1, "\"\\\n") != length - 2)
		return false;
	value->type = TOML_STRING;
	value->string = strndup(text + 1, length - 2);
	return value->string;
}

static int apply_plain(const char *plugin, const struct setting *setting, void *settings,
                       const struct toml_value *value)
{
	const struct config_target target = {plugin, setting, field_of(settings, setting)};

	return config_set_value(&target, value);
}

/* Apply the plain defaults; add the others to a TOML document, one "key = initial" per line. */
static int apply_plain_defaults(const char *plugin, const struct setting *table, void *settings,
                                struct text *others)
{
	int err = 0;

	for (; table && table->key && !err; table++) {
		struct toml_value value = {0};

		if (!table->initial || table->type == SETTING_IGNORED)
			continue;
		if (read_plain(table->initial, &value)) {
			err = apply_plain(plugin, table, settings, &value);
			if (value.type == TOML_STRING)
				free(value.string);
			continue;
		}
		text_add_string(others, table->key);
		text_add_string(others, " = ");
		text_add_string(others, table->initial);
		text_add_string(others, "\n");
	}
	return others->failed ? -ENOMEM : err;
}

static int apply_parsed(const char *plugin, const struct setting *table, void *settings,
                        const struct text *text)
{
	struct toml_value *values = NULL;
	struct toml_error error = {0};
	int err = toml_parse(text->data, text->n, BUILT_IN, &values, &error);

	if (err == -EINVAL)
		log_error("the built-in defaults of plugin %s, line %u: %s", plugin,
		          error.place.line, error.message);
	if (!err)
		err = apply_table(plugin, table, values, settings);
	toml_free(values);
	return err;
}

static int apply_defaults(const char *plugin, const struct setting *table, void *settings)
{
	struct text others = {0};
	int err = apply_plain_defaults(plugin, table, settings, &others);

	if (!err && others.n)
		err = apply_parsed(plugin, table, settings, &others);
	text_fini(&others);
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

		if (table->type == SETTING_STRING || table->type == SETTING_TEXT) {
			free(*(char **)field);
			*(char **)field = NULL;
		} else if (table->type == SETTING_LIST || table->type == SETTING_TABLES) {
			setting_list_clear(field);
		}
	}
}
