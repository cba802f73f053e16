/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One value of TOML, put into the field of a plugin's settings struct that it is for. */
#ifndef AGENT_CONFIG_VALUE_H
#define AGENT_CONFIG_VALUE_H

#include "config/toml.h"
#include "alumet/setting.h"

/* Where a value belongs: its plugin, its entry in the plugin's table, the field. */
struct config_target {
	const char *plugin;
	const struct setting *setting;
	void *field;
};

/*
 * Returns 0; -EINVAL after telling the user of a wrong type or a wrong value, with its place;
 * -ENOMEM. The field can be freed by settings_free() either way.
 */
int config_set_value(const struct config_target *target, const struct toml_value *value);

#endif
