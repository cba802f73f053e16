/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "config/config_options.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/config_alumet.h"
#include "config/config_settings.h"
#include "core/duration.h"
#include "core/log.h"
#include "core/suggest.h"

/* ---- whom an assignment is for ---- */

#define ROLE_OUTPUT "-o"

static bool has_role(const struct plugin *plugin, const char *role)
{
	return plugin->role && strcmp(plugin->role, role) == 0;
}

/* The length of "perfetto" in "perfetto:trace.gz"; 0 if there is no word before a colon. */
static size_t format_length(const char *text)
{
	const size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_");

	return text[n] == ':' ? n : 0;
}

static const struct plugin *output_of_format(const struct plugin *const *plugins, size_t n,
                                             const char *format, size_t length)
{
	for (size_t i = 0; i < n; i++) {
		if (has_role(plugins[i], ROLE_OUTPUT) && strlen(plugins[i]->name) == length &&
		    strncmp(plugins[i]->name, format, length) == 0)
			return plugins[i];
	}
	return NULL;
}

/* The plugin that an assignment with a role addresses, its value in *text. NULL: there is none. */
static const struct plugin *addressee(const struct plugin *const *plugins, size_t n,
                                      const struct config_assignment *assignment, const char **text)
{
	*text = assignment->text;
	if (strcmp(assignment->role, ROLE_OUTPUT) == 0) {
		const size_t length = format_length(assignment->text);
		const struct plugin *output =
			output_of_format(plugins, n, assignment->text, length);

		if (output) {
			*text += length + 1;
			return output;
		}
	}
	for (size_t i = 0; i < n; i++) {
		if (has_role(plugins[i], assignment->role))
			return plugins[i];
	}
	return NULL;
}

/* ---- do they fit the plugins ---- */

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

/* Log each name in --plugins that does not exist. */
static int check_names(const struct plugin *const *plugins, size_t n,
                       const struct config_request *request)
{
	const char **names = calloc(n + 1, sizeof(*names));
	int err = 0;

	if (!names)
		return log_oom();
	for (size_t i = 0; i < n; i++)
		names[i] = plugins[i]->name;

	for (size_t i = 0; i < request->n_plugins; i++) {
		bool known = false;

		for (size_t k = 0; k < n; k++)
			known = known || strcmp(names[k], request->plugins[i]) == 0;
		if (!known) {
			unknown_plugin(request->plugins[i], names, n);
			err = -EINVAL;
		}
	}
	free(names);
	return err;
}

/* A file name may contain a colon: only what looks like a misspelled format is refused. */
static int check_format(const struct plugin *const *plugins, size_t n, const char *text)
{
	const size_t length = format_length(text);
	const char **names;
	const char *nearest;
	char *word;
	size_t n_names = 0;

	if (!length || output_of_format(plugins, n, text, length))
		return 0;
	word = strndup(text, length);
	names = calloc(n + 1, sizeof(*names));
	for (size_t i = 0; names && i < n; i++) {
		if (has_role(plugins[i], ROLE_OUTPUT))
			names[n_names++] = plugins[i]->name;
	}
	nearest = word && names ? suggest_nearest(word, names, n_names) : NULL;
	if (nearest)
		log_error("-o %s: there is no format '%s'; did you mean %s:%s?\n"
		          "for a CSV file of that name write -o ./%s",
		          text, word, nearest, text + length + 1, text);
	free(word);
	free(names);
	return nearest ? -EINVAL : 0;
}

/* An output writes one file: which of two would be a guess. */
static int check_first(const struct plugin *const *plugins, size_t n,
                       const struct config_request *request,
                       const struct config_assignment *assignment)
{
	const char *text;
	const struct plugin *output = addressee(plugins, n, assignment, &text);

	for (const struct config_assignment *before = request->assignments; before < assignment;
	     before++) {
		if (before->role && strcmp(before->role, ROLE_OUTPUT) == 0 &&
		    addressee(plugins, n, before, &text) == output)
			return log_errno(-EINVAL,
			                 "-o %s: the output %s writes one file, and -o %s names it",
			                 assignment->text, output->name, before->text);
	}
	return 0;
}

static int check_assignment(const struct plugin *const *plugins, size_t n,
                            const struct config_request *request,
                            const struct config_assignment *assignment)
{
	const char *text;
	const struct plugin *plugin = addressee(plugins, n, assignment, &text);
	int err = 0;

	if (strcmp(assignment->role, ROLE_OUTPUT) == 0)
		err = check_format(plugins, n, assignment->text);
	if (!err && plugin && strcmp(assignment->role, ROLE_OUTPUT) == 0)
		err = check_first(plugins, n, request, assignment);
	if (err || !plugin)
		return err;
	if (text != assignment->text && !*text) {
		return log_errno(-EINVAL, "%s %s: the name of a file is missing",
		                 assignment->option, assignment->text);
	}
	if (request->plugins && plugin->def != PLUGIN_ALWAYS &&
	    !config_names_plugin(request, plugin->name)) {
		return log_errno(
			-EINVAL,
			"%s is for the plugin %s, which --plugins leaves out; add it there",
			assignment->option, plugin->name);
	}
	return 0;
}

int config_check_for(const struct plugin *const *plugins, size_t n,
                     const struct config_request *request)
{
	int err = check_names(plugins, n, request);

	for (size_t i = 0; i < request->n_assignments && !err; i++) {
		if (request->assignments[i].role)
			err = check_assignment(plugins, n, request, &request->assignments[i]);
	}
	return err;
}

/* ---- which plugins ---- */

bool config_names_plugin(const struct config_request *request, const char *name)
{
	for (size_t i = 0; i < request->n_plugins; i++) {
		if (strcmp(request->plugins[i], name) == 0)
			return true;
	}
	return false;
}

/* Whether the assignment is for this plugin of the configuration; if so, *text is its value. */
static bool is_for(const struct config *config, const struct plugin_config *plugin,
                   const struct config_assignment *assignment, const char **text)
{
	const char *whole = assignment->text;

	*text = whole;
	if (!assignment->role)
		return plugin->plugin->kind == PLUGIN_SOURCE &&
		       settings_find(plugin->plugin->settings, assignment->key);
	return addressee(config->table, config->n, assignment, text) == plugin->plugin;
}

/* An option that addresses a plugin switches it on. */
static void switch_on(const struct config_request *request, struct config *config,
                      struct plugin_config *plugin)
{
	const char *text;

	for (size_t i = 0; i < request->n_assignments; i++) {
		const struct config_assignment *assignment = &request->assignments[i];

		if (assignment->role && is_for(config, plugin, assignment, &text)) {
			plugin->enabled = true;
			plugin->required = true;
			plugin->is_auto = false;
		}
	}
}

void config_choose_plugins(const struct config_request *request, struct config *config)
{
	for (size_t i = 0; i < config->n; i++) {
		struct plugin_config *plugin = &config->plugins[i];

		if (request->plugins && plugin->plugin->def != PLUGIN_ALWAYS) {
			plugin->enabled = config_names_plugin(request, plugin->plugin->name);
			plugin->required = plugin->enabled;
			plugin->is_auto = false;
		}
		switch_on(request, config, plugin);
	}
}

/* ---- their settings ---- */

static int refuse(const struct config_assignment *assignment, const char *why)
{
	return log_errno(-EINVAL, "%s '%s': %s", assignment->option, assignment->text, why);
}

static int set_choice(const struct config_assignment *assignment, const char *const *choices,
                      const char *text, int *field)
{
	for (int i = 0; choices[i]; i++) {
		if (strcmp(choices[i], text) == 0) {
			*field = i;
			return 0;
		}
	}
	return refuse(assignment, "there is no such choice");
}

static int set_string(char **field, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		return -ENOMEM;
	free(*field);
	*field = copy;
	return 0;
}

/* Store the value of an option in a field, according to the type of the setting. */
static int assign(const struct config_assignment *assignment, const struct setting *setting,
                  const char *text, void *settings)
{
	void *field = (char *)settings + setting->offset;
	const struct setting_values *values = setting->values;
	const char *why = NULL;
	uint64_t number = 0;

	switch (setting->type) {
	case SETTING_STRING:
	case SETTING_TEXT:
		if (set_string(field, text))
			return -ENOMEM;
		break;
	case SETTING_CHOICE:
		return set_choice(assignment, values->choices, text, field);
	case SETTING_LIST:
		if (values && values->take_text)
			return values->take_text(settings, text);
		return refuse(assignment, "no option can set this list");
	case SETTING_DURATION:
		if (duration_parse(text, &number, &why))
			return refuse(assignment, why);
		*(uint64_t *)field = number;
		break;
	case SETTING_SIZE:
		if (size_parse(text, &number, &why))
			return refuse(assignment, why);
		*(uint64_t *)field = number;
		break;
	case SETTING_BOOL:
		*(bool *)field = strcmp(text, "true") == 0;
		break;
	case SETTING_UINT:
	case SETTING_TABLES:
	case SETTING_IGNORED:
		return refuse(assignment, "no option can set this");
	}
	if (values && values->problem)
		why = values->problem(field);
	return why ? refuse(assignment, why) : 0;
}

int config_apply_options(const struct config_request *request, struct config *config)
{
	int err = 0;

	for (size_t k = 0; k < request->n_assignments && !err; k++) {
		const struct config_assignment *assignment = &request->assignments[k];

		for (size_t i = 0; i < config->n && !err; i++) {
			const struct plugin_config *plugin = &config->plugins[i];
			const struct setting *setting =
				settings_find(plugin->plugin->settings, assignment->key);
			const char *text;

			if (setting && is_for(config, plugin, assignment, &text))
				err = assign(assignment, setting, text, plugin->settings);
		}
	}
	return err;
}
