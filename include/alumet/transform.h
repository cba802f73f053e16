/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A transform sees points and lives before the outputs do. It may add points, and fill values of
 * lives in fields that it has added itself.
 *
 * The pipeline calls, in this order:
 *   open        before the command exists: whatever can fail fails here
 *   begin       once, when the command has been started
 *   apply       with the points of each flush; internal metrics included
 *   end_window  at the end of each common window, after apply() had all its points
 *   life        for each process that ended in the window, and at the run's end for those alive
 *   end         once, after the last of these
 *   report      once, after end: what was lost or skipped
 *   close       always, whatever happened before
 * open and close are required, the others may be NULL. open returns -ENODEV, by log_absence(), when
 * there is nothing to do for the transform: the run goes on without it unless that is an error.
 * Each returns 0 or a negative errno; after an error, which it has logged, the transform is not
 * called again but for report() and close(). In begin(), apply(), end_window(), life() and end() it
 * may add points with pipeline_push(): they are part of the same flush, and are sorted in.
 */
#ifndef ALUMET_TRANSFORM_H
#define ALUMET_TRANSFORM_H

#include <stddef.h>
#include <stdint.h>

#include "alumet/absence.h"
#include "alumet/life.h"
#include "alumet/metric.h"
#include "alumet/point.h"
#include "alumet/run.h"

struct pipeline;

/* The part of a transform that the pipeline uses; a transform embeds it as its first member. */
struct transform {
	const struct transform_ops *ops;
	/*
	 * Set in open(). If not 0, all sources take a sample at the same moment, at least this
	 * often, and end_window() is called. The shortest window of all transforms applies to all.
	 */
	uint64_t window_ns;
};

/* The context in which a transform is opened; it outlives the transform. */
struct transform_context {
	struct metric_registry *metrics;
	struct pipeline *pipeline; /* for pipeline_push() and pipeline_add_life_field() */
	const struct run_info *run;
	enum absence absence; /* for log_absence(), if there is nothing to do */
};

/* A common window, CLOCK_MONOTONIC. Each begins where the previous one ended. */
struct window {
	uint64_t begin_ns, end_ns;
	uint64_t n_prolonged; /* intervals of window_ns added, as sampling is too costly */
};

struct transform_ops {
	int (*open)(const void *settings, const struct transform_context *context,
	            struct transform **transform);
	int (*begin)(struct transform *transform, const struct life_schema *schema);
	/* n points, in order of time. */
	int (*apply)(struct transform *transform, const struct point *points, size_t n,
	             struct pipeline *pipeline);
	int (*end_window)(struct transform *transform, const struct window *window);
	int (*life)(struct transform *transform, struct life *life);
	int (*end)(struct transform *transform);
	/* Call say() with a line for each loss or omission, with its number. */
	void (*report)(struct transform *transform,
	               void (*say)(void *data, enum report_kind kind, const char *line),
	               void *data);
	void (*close)(struct transform *transform);
};

#endif
