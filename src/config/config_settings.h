/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A plugin's settings struct, filled from TOML as its table of settings says. */
#ifndef AGENT_CONFIG_SETTINGS_H
#define AGENT_CONFIG_SETTINGS_H

#include "config/toml.h"
#include "alumet/setting.h"

/* Keys of every plugin's table that are not the plugin's own. Alumet reads both spellings. */
#define KEY_ENABLED "enabled"
#define KEY_ENABLE "enable"

/*
 * Fill settings, zeroed and as large as the table says, with the defaults and with the values of
 * user over them. name is the plugin's, for messages; user is its table, or NULL.
 * Returns 0; -EINVAL after telling the user of each unknown key, wrong type and wrong value;
 * -ENOMEM. settings is valid for settings_free() either way.
 */
int settings_fill(const char *name, const struct setting *table, const struct toml_value *user,
                  void *settings);

/* Free what the fields own; the struct itself is the caller's. */
void settings_free(const struct setting *table, void *settings);

/* The entry of a key, or NULL. */
const struct setting *settings_find(const struct setting *table, const char *key);

#endif
