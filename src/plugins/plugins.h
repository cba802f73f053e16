/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Every sensor and file format of the program. A new one is one file and one line in plugins.c. */
#ifndef AGENT_PLUGINS_H
#define AGENT_PLUGINS_H

#include <stddef.h>

#include "alumet/output.h"
#include "alumet/source.h"
#include "alumet/transform.h"

enum plugin_kind { PLUGIN_SOURCE, PLUGIN_TRANSFORM, PLUGIN_OUTPUT };

/* An entry of the table: what all kinds of plugins have in common, and the one ops that is set. */
struct plugin {
	enum plugin_kind kind;
	const char *name;
	const char *help;
	const struct setting *settings; /* ended by an entry with a NULL key */
	size_t settings_size;
	const struct source_ops *source;
	const struct transform_ops *transform;
	const struct output_ops *output;
};

/* All plugins, in the order in which they are opened and listed. */
size_t plugins_count(void);
struct plugin plugin_at(size_t index);

#endif
