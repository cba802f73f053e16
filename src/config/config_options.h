/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Applies the command line's options to the plugins, over the file and the overrides. */
#ifndef CONFIG_CONFIG_OPTIONS_H
#define CONFIG_CONFIG_OPTIONS_H

#include "config/config.h"

/*
 * Switch plugins on or off according to --plugins and the assignments, which take precedence over
 * the enabled keys of the tables.
 */
void config_choose_plugins(const struct config_request *request, struct config *config);

/* Whether --plugins names the plugin. */
bool config_names_plugin(const struct config_request *request, const char *name);

/*
 * Apply the assignments to the filled settings. Returns 0; -EINVAL after logging an unusable value;
 * -ENOMEM.
 */
int config_apply_options(const struct config_request *request, struct config *config);

#endif
