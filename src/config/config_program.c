/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The configuration of the plugins that this program has; config.c is for any table of plugins. */
#include "config/config.h"

int config_load(const struct options *options, struct config *config)
{
	return config_load_from(plugin_table, plugin_table_n, options, config);
}

int config_regen(const struct options *options)
{
	return config_regen_from(plugin_table, plugin_table_n, options);
}
