/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the command line says about the plugins, put over what file and overrides say. */
#ifndef AGENT_CONFIG_OPTIONS_H
#define AGENT_CONFIG_OPTIONS_H

#include "config/config.h"

/*
 * Decide which plugins --plugins and the assignments switch on or off, over what enabled says so
 * far. Returns 0; -EINVAL after telling the user of each name in --plugins that does not exist;
 * -ENOMEM.
 */
int config_choose_plugins(const struct config_request *request, struct config *config);

/* Whether --plugins names the plugin. */
bool config_names_plugin(const struct config_request *request, const char *name);

/*
 * Put the assignments over the filled settings.
 * Returns 0; -EINVAL after telling the user of a value that cannot be used; -ENOMEM.
 */
int config_apply_options(const struct config_request *request, struct config *config);

#endif
