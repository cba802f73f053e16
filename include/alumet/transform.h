/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A transform sees the points of a flush before the outputs do, and may add points to them.
 * One file exports one struct transform_ops; src/plugins/plugins.c lists it.
 */
#ifndef ALUMET_TRANSFORM_H
#define ALUMET_TRANSFORM_H

#include <stddef.h>

#include "alumet/metric.h"
#include "alumet/point.h"
#include "alumet/setting.h"

struct pipeline;

/* The part of a transform that the pipeline knows; a transform embeds it as its first member. */
struct transform {
	const struct transform_ops *ops;
};

struct transform_ops {
	const char *name;
	const char *help;
	const struct setting *settings;
	size_t settings_size;

	/* Returns 0, or a negative errno after telling the user why. */
	int (*open)(const void *settings, struct metric_registry *metrics,
	            struct transform **transform);
	/*
	 * Read the n points, in time order, and add others with pipeline_push(): they are part of
	 * the same flush, and are sorted in. Returns 0 or a negative errno.
	 */
	int (*apply)(struct transform *transform, const struct point *points, size_t n,
	             struct pipeline *pipeline);
	void (*close)(struct transform *transform);
};

#endif
