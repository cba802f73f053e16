/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* All sources, transforms and outputs. A new one needs a folder, and a line in plugins.c. */
#ifndef PLUGINS_PLUGINS_H
#define PLUGINS_PLUGINS_H

#include <stddef.h>

#include "alumet/plugin.h"

/* All plugins, in the order in which they are opened and listed. */
extern const struct plugin *const plugin_table[];
extern const size_t plugin_table_n;

#endif
