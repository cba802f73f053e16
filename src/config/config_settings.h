/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Fills a plugin's settings struct from TOML according to its table of settings. */
#ifndef CONFIG_CONFIG_SETTINGS_H
#define CONFIG_CONFIG_SETTINGS_H

#include "config/toml.h"
#include "alumet/setting.h"

/* Keys in every plugin's table that do not belong to the plugin. Alumet accepts both spellings. */
#define KEY_ENABLED "enabled"
#define KEY_ENABLE "enable"

/*
 * Fill settings with the defaults, then with the values of user. settings: zeroed, of the size that
 * the table needs. name: the plugin, for messages; user: its table, or NULL. Returns 0; -EINVAL
 * after logging each unknown key, wrong type and wrong value; -ENOMEM. Call settings_free() either
 * way.
 */
int settings_fill(const char *name, const struct setting *table, const struct toml_value *user,
                  void *settings);

/* Free what the fields own; the struct itself belongs to the caller. */
void settings_free(const struct setting *table, void *settings);

/* The entry of a key, or NULL. */
const struct setting *settings_find(const struct setting *table, const char *key);

#endif
