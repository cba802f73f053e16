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

		if (table->type == SETTING_STRING || table->type == SETTING_TEXT) {
			free(*(char **)field);
			*(char **)field = NULL;
		} else if (table->type == SETTING_LIST || table->type == SETTING_TABLES) {
			setting_list_clear(field);
		}
	}
}
