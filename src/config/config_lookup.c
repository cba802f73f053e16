/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <string.h>

#include "config/config.h"

static const char *text_of(const struct setting *setting, const void *settings)
{
	const char *field = (const char *)settings + setting->offset;

	switch (setting->type) {
	case SETTING_STRING:
	case SETTING_TEXT:
		return *(char *const *)field;
	case SETTING_CHOICE:
		return setting->values->choices[*(const int *)field];
	default:
		return NULL;
	}
}

const char *config_setting_text(const struct config *config, const char *role, const char *key)
{
	for (size_t i = 0; i < config->n; i++) {
		const struct plugin_config *plugin = &config->plugins[i];

		if (!plugin->enabled || !plugin->settings || !plugin->plugin->role ||
		    strcmp(plugin->plugin->role, role) != 0)
			continue;
		for (const struct setting *s = plugin->plugin->settings; s->key; s++) {
			if (strcmp(s->key, key) == 0)
				return text_of(s, plugin->settings);
		}
	}
	return NULL;
}
