/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A plugin: the interface of a source, a transform or an output to the configuration, the command
 * line, the doctor and the lists of plugins. Its folder exports one struct plugin, and
 * src/plugins/plugins.c lists it: nothing else names a plugin.
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

/* Whether a plugin is on if neither the configuration nor an option sets it. */
enum plugin_default {
	PLUGIN_ON,     /* warns if there is nothing to measure */
	PLUGIN_AUTO,   /* on, but silent if there is nothing to measure */
	PLUGIN_OFF,    /* only on by its table, --plugins, or the option that addresses it */
	PLUGIN_ALWAYS, /* like PLUGIN_ON, but --plugins does not switch it off */
};

struct plugin {
	enum plugin_kind kind;
	const char *name;               /* as in [plugins.NAME] and --plugins */
	const char *help;               /* one line */
	const struct setting *settings; /* terminated by an entry with a NULL key */
	size_t settings_size;           /* of the struct that is passed to open() */
	enum plugin_default def;

	/*
	 * The option that addresses this plugin, or NULL: "-e" is for the one source that has it,
	 * "--summary" for the output that it configures. "-o FORMAT:FILE" addresses outputs whose
	 * role is "-o", by their name; of those the first in the table is what "-o FILE" means.
	 * Likewise the command: "calibrate" reads the sources that have it, which push
	 * energy_counts (energy.h), and writes the file that the setting calibration of the
	 * transform that has it names.
	 */
	const char *role;

	/*
	 * Try on this machine what the plugin needs, undo it, and add the findings. settings: as
	 * for open(). NULL: the plugin works anywhere; for an output, the agent itself checks that
	 * it can be opened.
	 */
	enum check_result (*check)(const void *settings, struct check *check);

	/* The one for the plugin's kind. */
	const struct source_ops *source;
	const struct transform_ops *transform;
	const struct output_ops *output;
};

#endif
