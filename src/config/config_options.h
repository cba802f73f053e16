/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the command line says about the plugins, put over what file and overrides say. */
#ifndef AGENT_CONFIG_OPTIONS_H
#define AGENT_CONFIG_OPTIONS_H

#include "config/config.h"

/*
 * Decide which plugins --plugins, -e and -o switch on or off, over what enabled says so far.
 * Returns 0; -EINVAL after telling the user of each name in --plugins that does not exist; -ENOMEM.
 */
int config_choose_plugins(const struct options *options, struct config *config);

/* Whether --plugins names the plugin. */
bool config_names_plugin(const struct options *options, const char *name);

/*
 * Put -e, -o, -I and --summary over the filled settings.
 * Returns 0; -EINVAL for -e that is no list of events, said; -ENOMEM.
 */
int config_apply_options(const struct options *options, struct config *config);

#endif
