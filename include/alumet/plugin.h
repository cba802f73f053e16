/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A plugin: what the configuration, the command line, the doctor and the lists of plugins know of a
 * source, a transform or an output. Its folder exports one struct plugin, and src/plugins/plugins.c
 * lists it: nothing else names a plugin.
 */
#ifndef ALUMET_PLUGIN_H
#define ALUMET_PLUGIN_H

#include <stddef.h>

#include "alumet/check.h"
#include "alumet/output.h"
#include "alumet/setting.h"
#include "alumet/source.h"
#include "alumet/transform.h"

enum plugin_kind { PLUGIN_SOURCE, PLUGIN_TRANSFORM, PLUGIN_OUTPUT };

/* Whether a plugin is on when neither the configuration nor an option says so. */
enum plugin_default {
	PLUGIN_ON,     /* "not here" is a warning */
	PLUGIN_AUTO,   /* on where there is something to measure, silent where there is not */
	PLUGIN_OFF,    /* only by its table, by --plugins, or by the option that addresses it */
	PLUGIN_ALWAYS, /* as PLUGIN_ON; and --plugins, which chooses among the others, leaves it on */
};

struct plugin {
	enum plugin_kind kind;
	const char *name;               /* as in [plugins.NAME] and --plugins */
	const char *help;               /* one line */
	const struct setting *settings; /* ended by an entry with a NULL key */
	size_t settings_size;           /* of the struct that open() is given */
	enum plugin_default def;

	/*
	 * The option that addresses this plugin, or NULL: "-e" is for the one source that has it,
	 * "--summary" for the output that it steers. "-o FORMAT:FILE" addresses outputs whose role
	 * is "-o", by their name; of those the first in the table is what "-o FILE" means.
	 */
	const char *role;

	/*
	 * Try on this machine what the plugin does, undo it, and add what was found. settings: as for
	 * open(). NULL: the plugin works anywhere; that an output can be opened is found out without.
	 */
	enum check_result (*check)(const void *settings, struct check *check);

	/* The one of the plugin's kind. */
	const struct source_ops *source;
	const struct transform_ops *transform;
	const struct output_ops *output;
};

#endif
