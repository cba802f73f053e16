/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The configuration: defaults < file < --config-override < options, read into each plugin's own
 * settings struct as its table of settings says.
 */
#ifndef AGENT_CONFIG_H
#define AGENT_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "alumet/plugin.h"

/* A setting that an option sets, over what file and overrides say. */
struct config_assignment {
	const char *option; /* for messages: "-e" */
	/*
	 * The role of the plugin that is meant (see struct plugin), which is switched on; NULL: every
	 * source that has the key. Of several plugins with the role "-o" the one is meant that text
	 * names, as "csv:FILE" does, else the first.
	 */
	const char *role;
	const char *key;
	const char *text; /* the value */
};

/* What the command line says about the configuration. All pointers outlive the configuration. */
struct config_request {
	const char *path;
	bool path_is_named; /* by the user: the file must exist, and is trusted wherever it is */
	bool must_exist;
	bool trust_others;            /* files and folders of other users too, see --trust-others */
	const char *const *overrides; /* TOML, merged over the file in this order */
	size_t n_overrides;
	char *const *plugins; /* --plugins; NULL: not given */
	size_t n_plugins;
	const struct config_assignment *assignments; /* the later of two of the same key wins */
	size_t n_assignments;
	bool is_measuring; /* without a source there would be nothing to do: a warning */
	bool quiet;        /* config_regen() says nothing when it succeeds */
};

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
	const struct plugin *const *table; /* of these n plugins */
	const char *path;                  /* of the request; there may be no such file */
	bool trust_others;                 /* of the request */
};

/*
 * Whether the options fit to each other and to the plugins: to be asked first. Returns 0, or -EINVAL
 * after telling the user which option is for a plugin that --plugins leaves out, or for a format
 * that does not exist.
 */
int config_check(const struct config_request *request);

/* The same for another table of plugins than the program's own. */
int config_check_for(const struct plugin *const *plugins, size_t n,
                     const struct config_request *request);

/*
 * Build the configuration of a run. Returns 0, or a negative errno after telling the user what is
 * wrong, with file, line and column where there are such. config is valid for config_free() either
 * way.
 */
int config_load(const struct config_request *request, struct config *config);

/* The same for another table of plugins than the program's own, which outlives config. */
int config_load_from(const struct plugin *const *plugins, size_t n,
                     const struct config_request *request, struct config *config);

void config_free(struct config *config);

/*
 * Write the default configuration, commented, to request->path; with --plugins only the
 * tables of those. An existing file is replaced as a whole or not at all.
 * Returns 0 or a negative errno after telling the user why.
 */
int config_regen(const struct config_request *request);

/* The same for another table of plugins than the program's own. */
int config_regen_from(const struct plugin *const *plugins, size_t n,
                      const struct config_request *request);

#endif
