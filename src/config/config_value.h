/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Stores one TOML value in its field of a plugin's settings struct. */
#ifndef CONFIG_CONFIG_VALUE_H
#define CONFIG_CONFIG_VALUE_H

#include "config/toml.h"
#include "alumet/setting.h"

/* The destination of a value: its plugin, its entry in the plugin's table, and the field. */
struct config_target {
	const char *plugin;
	const struct setting *setting;
	void *field;
};

/*
 * Returns 0; -EINVAL after logging a wrong type or value, with its place; -ENOMEM. Call
 * settings_free() either way.
 */
int config_set_value(const struct config_target *target, const struct toml_value *value);

#endif
