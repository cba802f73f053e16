/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The configuration: defaults < file < --config-override < options, read into each plugin's own
 * settings struct as its table of settings says.
 */
#ifndef AGENT_CONFIG_H
#define AGENT_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/options.h"
#include "plugins/plugins.h"

/* One plugin as this run is configured. */
struct plugin_config {
	const struct plugin *plugin;
	void *settings; /* plugin->settings_size bytes, filled; NULL when it has none */
	bool enabled;
	bool required; /* named by --plugins, or its option (-e, -o) was given */
};

struct config {
	struct plugin_config *plugins; /* of the table, in its order */
	size_t n;
	const char *path;  /* of the options; there may be no such file */
	bool trust_others; /* of the options */
};

/*
 * Build the configuration of a run. Returns 0, or a negative errno after telling the user what is
 * wrong, with file, line and column where there are such. config is valid for config_free() either
 * way.
 */
int config_load(const struct options *options, struct config *config);

/* The same for another table of plugins than the program's own, which outlives config. */
int config_load_from(const struct plugin *const *plugins, size_t n, const struct options *options,
                     struct config *config);

void config_free(struct config *config);

/*
 * Write the default configuration, commented, to options->config_path; with --plugins only the
 * tables of those. An existing file is replaced as a whole or not at all.
 * Returns 0 or a negative errno after telling the user why.
 */
int config_regen(const struct options *options);

/* The same for another table of plugins than the program's own. */
int config_regen_from(const struct plugin *const *plugins, size_t n, const struct options *options);

#endif
