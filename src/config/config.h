/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The configuration: defaults < file < --config-override < options, read into each plugin's
 * settings struct according to its table of settings.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "alumet/plugin.h"

/* A setting given by an option; it takes precedence over the file and the overrides. */
struct config_assignment {
	const char *option; /* for messages: "-e" */
	/*
	 * The role of the plugin (see struct plugin), which is switched on; NULL: every source that
	 * has the key. If several plugins have the role "-o", it is the one that text names, as in
	 * "csv:FILE", else the first.
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
	bool trust_others;            /* trust other users' files and folders, see --trust-others */
	const char *const *overrides; /* TOML, merged over the file in this order */
	size_t n_overrides;
	char *const *plugins; /* --plugins; NULL: not given */
	size_t n_plugins;
	const struct config_assignment *assignments; /* for the same key, the last wins */
	size_t n_assignments;
	bool is_measuring; /* warn if there is no source, since there is nothing to do */
	bool quiet;        /* config_regen() prints nothing on success */
};

/* One plugin as configured for this run. */
struct plugin_config {
	const struct plugin *plugin;
	void *settings; /* plugin->settings_size bytes, filled; NULL if it has none */
	bool enabled;
	bool required; /* named by --plugins, or by its option (-e, -o) */
	bool is_auto;  /* enabled only by PLUGIN_AUTO: silent if there is nothing to measure */
};

struct config {
	struct plugin_config *plugins; /* in the order of table */
	size_t n;
	const struct plugin *const *table; /* the n plugins */
	const char *path;                  /* of the request; the file need not exist */
	bool trust_others;                 /* of the request */
};

/*
 * Check that the options fit together and fit the plugins. Call this first. Returns 0; -EINVAL
 * after logging which plugin or format does not exist, or which option is for a plugin that
 * --plugins leaves out; or -ENOMEM, logged.
 */
int config_check(const struct config_request *request);

/* The same for another table of plugins than the program's own. */
int config_check_for(const struct plugin *const *plugins, size_t n,
                     const struct config_request *request);

/*
 * Build the configuration of a run. Returns 0; -EINVAL after logging which option has an unusable
 * value; or another negative errno, logged: -EBADMSG, with line and column, for a mistake in the
 * file or an override. Call config_free() either way.
 */
int config_load(const struct config_request *request, struct config *config);

/* The same for another table of plugins than the program's own, which outlives config. */
int config_load_from(const struct plugin *const *plugins, size_t n,
                     const struct config_request *request, struct config *config);

void config_free(struct config *config);

/*
 * The configured value of a text or choice setting: that of the first enabled plugin with this role
 * that has the key. NULL: there is none. The configuration owns the string.
 */
const char *config_setting_text(const struct config *config, const char *role, const char *key);

/*
 * Write the default configuration, with comments, to request->path; with --plugins, only the tables
 * of those plugins. An existing file is replaced atomically, and kept as FILE.old if it has other
 * contents. Returns 0 or a negative errno after logging why.
 */
int config_regen(const struct config_request *request);

/* The same for another table of plugins than the program's own. */
int config_regen_from(const struct plugin *const *plugins, size_t n,
                      const struct config_request *request);

#endif
