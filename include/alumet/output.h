/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An output writes points. One file exports one struct output_ops; src/plugins/plugins.c lists it.
 */
#ifndef ALUMET_OUTPUT_H
#define ALUMET_OUTPUT_H

#include <stddef.h>

#include "alumet/metric.h"
#include "alumet/point.h"
#include "alumet/setting.h"

/* The part of an output that the pipeline knows; an output embeds it as its first member. */
struct output {
	const struct output_ops *ops;
};

/* What an output is opened with; it outlives the output. */
struct output_context {
	const struct metric_registry *metrics;
	const char *config_path; /* where the configuration is read: not to be written; or NULL */

	/*
	 * Wait until the descriptor takes more, and meanwhile let the run do what cannot wait: to
	 * be called before each write that may have to wait for a reader. Returns 0; -EAGAIN when
	 * something else is to be done first (write() returns, and keeps what it could not write),
	 * never after the command's end; -EINTR when the run is to end without what is not
	 * written. NULL: wait for the descriptor alone.
	 */
	int (*wait)(void *data, int fd);
	void *data; /* for wait */
};

struct output_ops {
	const char *name;
	const char *help;
	const struct setting *settings;
	size_t settings_size;

	/*
	 * Make ready, before the command exists, whatever can fail. Nothing that existed is
	 * changed before begin(). Returns 0, or a negative errno after telling the user why.
	 */
	int (*open)(const void *settings, const struct output_context *context,
	            struct output **output);
	/* The command could be started: from here on the output is for real. NULL: nothing to do. */
	int (*begin)(struct output *output);
	/*
	 * Points of one flush, in time order. Returns 0 or a negative errno; after an error the
	 * output is not called again but for close(), and the user has been told.
	 */
	int (*write)(struct output *output, const struct point *points, size_t n);
	/* Everything is written: make it durable as far as a file can be. May be NULL. */
	int (*end)(struct output *output);
	/* Undo what begin() did not confirm; free. Takes an output in any state. */
	void (*close)(struct output *output);
};

#endif
