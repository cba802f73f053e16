/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The configuration of this program's own plugins; config.c works with any table of plugins. */
#include "config/config.h"
#include "plugins/plugins.h"

int config_load(const struct config_request *request, struct config *config)
{
	return config_load_from(plugin_table, plugin_table_n, request, config);
}

int config_regen(const struct config_request *request)
{
	return config_regen_from(plugin_table, plugin_table_n, request);
}

int config_check(const struct config_request *request)
{
	return config_check_for(plugin_table, plugin_table_n, request);
}
