/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a configuration of Alumet's may name that this program does not have. */
#ifndef AGENT_CONFIG_ALUMET_H
#define AGENT_CONFIG_ALUMET_H

#include <stdbool.h>

/* Whether Alumet has, or once had, a plugin of this name. */
bool alumet_has_plugin(const char *name);

/* Whether it is one of Alumet's keys outside the plugins' tables; they steer its own threads. */
bool alumet_has_key(const char *key);

#endif
