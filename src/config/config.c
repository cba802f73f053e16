/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "config/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/config_alumet.h"
#include "config/config_file.h"
#include "config/config_options.h"
#include "config/config_settings.h"
#include "core/log.h"
#include "core/suggest.h"

#define KEY_PLUGINS "plugins"

static struct plugin_config *find_plugin(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->n; i++) {
		if (strcmp(config->plugins[i].plugin->name, name) == 0)
			return &config->plugins[i];
	}
	return NULL;
}

static const char *nearest_plugin(const struct config *config, const char *name)
{
	const char **names = calloc(config->n + 1, sizeof(*names));
	const char *nearest;

	if (!names)
		return NULL;
	for (size_t i = 0; i < config->n; i++)
		names[i] = config->plugins[i].plugin->name;
	nearest = suggest_nearest(name, names, config->n);
	free(names);
	return nearest;
}

/*
 * Read the key that switches a plugin on or off. Alumet accepts both spellings; "enabled" wins.
 * *is_set: whether the key is there; if not, *enabled stays unchanged.
 */
static int read_enabled(const struct toml_value *table, bool *enabled, bool *is_set)
{
	static const char *const keys[] = {KEY_ENABLE, KEY_ENABLED};

	*is_set = false;
	for (size_t i = 0; i < 2; i++) {
		const struct toml_value *value = toml_get(table, keys[i]);

		if (!value)
			continue;
		if (value->type != TOML_BOOLEAN) {
			config_error(value, value->place,
			             "plugins.%s.%s: true or false, without quotes, is expected "
			             "here, not %s",
			             table->key, keys[i], toml_type_name(value->type));
			return -EINVAL;
		}
		*enabled = value->boolean;
		*is_set = true;
	}
	return 0;
}

/*
 * A table of a plugin that only Alumet has. This is not a mistake: such files are shared, and
 * Alumet writes them with the tables of all its plugins. But if the plugin is explicitly switched
 * on it is an error, since something the user asked for would be missing.
 */
static int take_foreign_table(const struct config_request *request, const struct toml_value *table)
{
	bool enabled = true, is_set;
	int err = read_enabled(table, &enabled, &is_set);

	if (err || !enabled || request->plugins)
		return err;
	if (is_set) {
		config_error(
			table, table->key_place,
			"Alumet's plugin %s is not available in this program\nto go on "
			"without it set enabled = false in [plugins.%s], remove that table, or "
			"name the plugins you want with --plugins",
			table->key, table->key);
		return -EINVAL;
	}
	config_warn(table, table->key_place,
	            "Alumet's plugin %s is not available in this program: going on without it\n"
	            "to silence this set enabled = false in [plugins.%s], remove that table, or "
	            "name the plugins you want with --plugins",
	            table->key, table->key);
	return 0;
}

static int unknown_plugin(const struct config *config, const struct toml_value *table)
{
	const char *nearest = nearest_plugin(config, table->key);

	if (nearest)
		config_error(table, table->key_place, "unknown plugin '%s'; did you mean %s?",
		             table->key, nearest);
	else
		config_error(table, table->key_place,
		             "unknown plugin '%s'\n'alumet-agent plugins list' shows what there is",
		             table->key);
	return -EINVAL;
}

/*
 * The [plugins.NAME] tables: for known plugins, read the enabled key; check others against Alumet's
 * plugins.
 */
static int take_plugin_tables(const struct config_request *request, const struct toml_value *tables,
                              struct config *config)
{
	int err = 0;

	for (size_t i = 0; i < tables->n; i++) {
		const struct toml_value *table = &tables->items[i];
		struct plugin_config *plugin = find_plugin(config, table->key);
		int table_err;

		if (!plugin && !alumet_has_plugin(table->key)) {
			table_err = unknown_plugin(config, table);
		} else if (table->type != TOML_TABLE) {
			config_error(table, table->place, "plugins.%s must be a table, not %s",
			             table->key, toml_type_name(table->type));
			table_err = -EINVAL;
		} else if (plugin) {
			bool is_set;

			table_err = read_enabled(table, &plugin->enabled, &is_set);
			plugin->is_auto &= !is_set;
		} else {
			table_err = take_foreign_table(request, table);
		}
		err = err ? err : table_err;
	}
	return err;
}

static int unknown_top_key(const struct config *config, const struct toml_value *value)
{
	static const char *const names[] = {KEY_PLUGINS};

	if (value->type == TOML_TABLE &&
	    (find_plugin(config, value->key) || alumet_has_plugin(value->key)))
		config_error(value, value->key_place,
		             "unknown table [%s]; that of a plugin is called [plugins.%s]",
		             value->key, value->key);
	else if (suggest_nearest(value->key, names, 1))
		config_error(value, value->key_place, "unknown key '%s'; did you mean %s?",
		             value->key, KEY_PLUGINS);
	else
		config_error(value, value->key_place,
		             "unknown key '%s'; settings stand in a plugin's table, [plugins.NAME]",
		             value->key);
	return -EINVAL;
}

/* *tables: the table of the plugins' tables, or NULL if the document has none. */
static int take_top_keys(const struct toml_value *root, const struct config *config,
                         struct toml_value **tables)
{
	int err = 0;

	*tables = NULL;
	for (size_t i = 0; i < root->n; i++) {
		struct toml_value *value = &root->items[i];

		if (strcmp(value->key, KEY_PLUGINS) == 0 && value->type == TOML_TABLE) {
			*tables = value;
		} else if (strcmp(value->key, KEY_PLUGINS) == 0) {
			config_error(value, value->place, "%s must be a table, not %s", value->key,
			             toml_type_name(value->type));
			err = -EINVAL;
		} else if (alumet_has_key(value->key)) {
			config_warn(value, value->key_place, "%s has no effect in this program",
			            value->key);
		} else {
			err = unknown_top_key(config, value);
		}
	}
	return err;
}

static int fill_plugin(const struct toml_value *tables, struct plugin_config *plugin)
{
	struct toml_value *user = tables ? toml_get(tables, plugin->plugin->name) : NULL;
	int err = 0;

	/* The variables used by a disabled plugin need not be set. */
	if (user && plugin->enabled)
		err = config_expand(user);
	if (!err)
		err = settings_fill(plugin->plugin->name, plugin->plugin->settings, user,
		                    plugin->settings);
	return err;
}

static int read_document(const struct config_request *request,
                         const struct config_document *document, struct config *config)
{
	struct toml_value *tables;
	int err = take_top_keys(document->root, config, &tables);

	if (!err && tables)
		err = take_plugin_tables(request, tables, config);
	if (err)
		return err;
	config_choose_plugins(request, config);
	/* Log the mistakes of all plugins, not only those of the first. */
	for (size_t i = 0; i < config->n; i++) {
		const int plugin_err = fill_plugin(tables, &config->plugins[i]);

		err = err ? err : plugin_err;
	}
	return err;
}

static int make_plugins(const struct plugin *const *plugins, size_t n, struct config *config)
{
	*config = (struct config){
		.plugins = calloc(n, sizeof(*config->plugins)),
		.table = plugins,
	};
	if (!config->plugins)
		return -ENOMEM;

	for (size_t i = 0; i < n; i++) {
		struct plugin_config *plugin = &config->plugins[i];

		*plugin = (struct plugin_config){
			.plugin = plugins[i],
			.enabled = plugins[i]->def != PLUGIN_OFF,
			.is_auto = plugins[i]->def == PLUGIN_AUTO,
		};
		config->n++;
		if (plugins[i]->settings_size == 0)
			continue;
		plugin->settings = calloc(1, plugins[i]->settings_size);
		if (!plugin->settings)
			return -ENOMEM;
	}
	return 0;
}

/* Such a run is possible, but probably not intended. */
static void warn_without_source(const struct config_request *request, const struct config *config)
{
	if (!request->is_measuring)
		return;
	for (size_t i = 0; i < config->n; i++) {
		if (config->plugins[i].enabled && config->plugins[i].plugin->kind == PLUGIN_SOURCE)
			return;
	}
	log_warn("no source is switched on: nothing will be measured\n"
	         "'alumet-agent plugins list' shows what there is");
}

int config_load_from(const struct plugin *const *plugins, size_t n,
                     const struct config_request *request, struct config *config)
{
	struct config_document document = {0};
	int err = make_plugins(plugins, n, config);

	config->path = request->path;
	config->trust_others = request->trust_others;
	if (!err)
		err = config_document_read(request, &document);
	if (!err)
		err = read_document(request, &document, config);
	if (err == -EINVAL)
		err = -EBADMSG;
	if (!err)
		err = config_apply_options(request, config);
	if (!err)
		warn_without_source(request, config);
	if (err == -ENOMEM)
		log_oom();
	config_document_free(&document);
	return err;
}

void config_free(struct config *config)
{
	for (size_t i = 0; i < config->n; i++) {
		struct plugin_config *plugin = &config->plugins[i];

		if (plugin->settings)
			settings_free(plugin->plugin->settings, plugin->settings);
		free(plugin->settings);
	}
	free(config->plugins);
	*config = (struct config){0};
}
