/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The configuration of the plugins that this program has; config.c is for any table of plugins. */
#include <errno.h>
#include <stdlib.h>

#include "config/config.h"
#include "core/log.h"

/* A copy of the program's table, to be freed, or NULL after telling the user. */
static struct plugin *copy_plugins(size_t n)
{
	struct plugin *plugins = calloc(n, sizeof(*plugins));

	if (!plugins)
		log_error("out of memory");
	for (size_t i = 0; plugins && i < n; i++)
		plugins[i] = plugin_at(i);
	return plugins;
}

int config_load(const struct options *options, struct config *config)
{
	const size_t n = plugins_count();
	struct plugin *plugins = copy_plugins(n);
	int err;

	*config = (struct config){0};
	if (!plugins)
		return -ENOMEM;
	err = config_load_from(plugins, n, options, config);
	free(plugins);
	return err;
}

int config_regen(const struct options *options)
{
	const size_t n = plugins_count();
	struct plugin *plugins = copy_plugins(n);
	int err;

	if (!plugins)
		return -ENOMEM;
	err = config_regen_from(plugins, n, options);
	free(plugins);
	return err;
}
