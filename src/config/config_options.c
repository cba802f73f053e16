/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "config/config_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/config_alumet.h"
#include "config/config_settings.h"
#include "core/log.h"
#include "core/suggest.h"
#include "sources/perf/events/event.h"

/* The setting that each option sets, wherever a plugin has it. */
#define KEY_EVENTS "events"
#define KEY_OUTPUT "output_path"
#define KEY_INTERVAL "poll_interval"
#define KEY_SUMMARY "mode"

static const struct setting *find_setting(const struct plugin *plugin, const char *key,
                                          enum setting_type type)
{
	const struct setting *setting = settings_find(plugin->settings, key);

	return setting && setting->type == type ? setting : NULL;
}

static bool has_role(const struct plugin *plugin, const char *role)
{
	return plugin->role && strcmp(plugin->role, role) == 0;
}

static bool takes_events(const struct plugin *plugin)
{
	return has_role(plugin, "-e") && find_setting(plugin, KEY_EVENTS, SETTING_LIST);
}

static bool takes_output_path(const struct plugin *plugin)
{
	return has_role(plugin, "-o") && find_setting(plugin, KEY_OUTPUT, SETTING_STRING);
}

static bool takes_summary(const struct plugin *plugin)
{
	return has_role(plugin, "--summary") && find_setting(plugin, KEY_SUMMARY, SETTING_CHOICE);
}

static bool takes_interval(const struct plugin *plugin)
{
	return plugin->kind == PLUGIN_SOURCE &&
	       find_setting(plugin, KEY_INTERVAL, SETTING_DURATION);
}

static void *field(const struct plugin_config *plugin, const char *key)
{
	return (char *)plugin->settings + settings_find(plugin->plugin->settings, key)->offset;
}

/* ---- which plugins ---- */

bool config_names_plugin(const struct options *options, const char *name)
{
	for (size_t i = 0; i < options->n_plugins; i++) {
		if (strcmp(options->plugins[i], name) == 0)
			return true;
	}
	return false;
}

static void unknown_plugin(const char *name, const char *const *names, size_t n)
{
	const char *nearest = suggest_nearest(name, names, n);

	if (alumet_has_plugin(name))
		log_error("--plugins: Alumet's plugin %s is not available in this program; leave "
		          "it out of --plugins\n'alumet-agent plugins list' shows what there is",
		          name);
	else if (nearest)
		log_error("--plugins: unknown plugin '%s'; did you mean %s?", name, nearest);
	else
		log_error("--plugins: unknown plugin '%s'\n'alumet-agent plugins list' shows what "
		          "there is",
		          name);
}

static int check_names(const struct options *options, const struct config *config)
{
	const char **names = calloc(config->n + 1, sizeof(*names));
	int err = 0;

	if (!names)
		return -ENOMEM;
	for (size_t i = 0; i < config->n; i++)
		names[i] = config->plugins[i].plugin->name;

	for (size_t i = 0; i < options->n_plugins; i++) {
		bool known = false;

		for (size_t k = 0; k < config->n; k++)
			known = known || strcmp(names[k], options->plugins[i]) == 0;
		if (!known) {
			unknown_plugin(options->plugins[i], names, config->n);
			err = -EINVAL;
		}
	}
	free(names);
	return err;
}

int config_choose_plugins(const struct options *options, struct config *config)
{
	int err = check_names(options, config);

	for (size_t i = 0; i < config->n && !err; i++) {
		struct plugin_config *plugin = &config->plugins[i];

		if (options->plugins && plugin->plugin->def != PLUGIN_ALWAYS) {
			plugin->enabled = config_names_plugin(options, plugin->plugin->name);
			plugin->required = plugin->enabled;
		}
		/* An option that speaks to a plugin switches it on. */
		if ((options->events && takes_events(plugin->plugin)) ||
		    (options->output_file && takes_output_path(plugin->plugin))) {
			plugin->enabled = true;
			plugin->required = true;
		}
	}
	return err;
}

/* ---- their settings ---- */

/* The events of -e take the place of all that are configured, whatever list they stand in. */
static int apply_events(const char *events, const struct plugin_config *plugin)
{
	for (const struct setting *s = plugin->plugin->settings; s->key; s++) {
		if (s->type == SETTING_LIST)
			setting_list_clear(field(plugin, s->key));
	}
	return events_split(events, field(plugin, KEY_EVENTS));
}

static int apply_output(const char *path, const struct plugin_config *plugin)
{
	char **old = field(plugin, KEY_OUTPUT);
	char *copy = strdup(path);

	if (!copy)
		return -ENOMEM;
	free(*old);
	*old = copy;
	return 0;
}

static int apply_summary(const char *mode, const struct plugin_config *plugin)
{
	const struct setting *setting = settings_find(plugin->plugin->settings, KEY_SUMMARY);
	const char *const *choices = setting->values->choices;

	for (int i = 0; choices[i]; i++) {
		if (strcmp(choices[i], mode) == 0) {
			*(int *)field(plugin, KEY_SUMMARY) = i;
			return 0;
		}
	}
	log_error("--summary='%s': there is no such summary", mode);
	return -EINVAL;
}

int config_apply_options(const struct options *options, struct config *config)
{
	int err = 0;

	for (size_t i = 0; i < config->n && !err; i++) {
		const struct plugin_config *plugin = &config->plugins[i];

		if (options->has_interval && takes_interval(plugin->plugin))
			*(uint64_t *)field(plugin, KEY_INTERVAL) = options->interval_ns;
		if (options->events && takes_events(plugin->plugin))
			err = apply_events(options->events, plugin);
		if (!err && options->output_file && takes_output_path(plugin->plugin))
			err = apply_output(options->output_file, plugin);
		if (!err && options->summary && takes_summary(plugin->plugin))
			err = apply_summary(options->summary, plugin);
	}
	return err;
}
