/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What an Alumet configuration may name that this program does not have. */
#ifndef CONFIG_CONFIG_ALUMET_H
#define CONFIG_CONFIG_ALUMET_H

#include <stdbool.h>

/* Whether Alumet has, or once had, a plugin of this name. */
bool alumet_has_plugin(const char *name);

/* Whether the key is one of Alumet's outside the plugins' tables; they control its own threads. */
bool alumet_has_key(const char *key);

#endif
