/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The pipeline: holds the points of a flush, sorts them by time, runs the transforms over them and
 * hands them to every output. Its memory is bounded: a push into a full pipeline flushes first.
 */
#ifndef CORE_PIPELINE_H
#define CORE_PIPELINE_H

#include <stddef.h>

#include "alumet/output.h"
#include "alumet/point.h"
#include "alumet/transform.h"

struct pipeline;

/* An empty pipeline without transforms and outputs, or NULL when memory ran out. */
struct pipeline *pipeline_new(void);

/* Frees the pipeline; points not flushed are dropped, transforms and outputs are not closed. */
void pipeline_free(struct pipeline *pipeline);

/* Add a transform or an output; not owned. Returns 0 or -ENOMEM. */
int pipeline_add_transform(struct pipeline *pipeline, struct transform *transform);
int pipeline_add_output(struct pipeline *pipeline, struct output *output);

/*
 * Keep a copy of the point, its attributes and their texts until the next flush. The keys are not
 * copied. During a flush (a transform pushes) there is always room.
 * Returns 0, or -ENOMEM: then the point is not kept. What goes wrong in a flush that had to be made
 * to find room is no error of the source that pushes: pipeline_flush() tells it.
 */
int pipeline_push(struct pipeline *pipeline, const struct point *point);

/*
 * Sort by time (stable), transform, write to each output, forget the points. A transform sees what
 * those added before it have added. An output whose write failed, or a transform that failed, is
 * not called again; the others are. Without points nothing is called.
 * Returns 0, or the first negative errno that an output or a transform ever returned.
 */
int pipeline_flush(struct pipeline *pipeline);

/*
 * Call begin() of each output: to be done once, before the first flush. One that fails is not called
 * again. Returns 0, or what pipeline_flush() returns.
 */
int pipeline_begin(struct pipeline *pipeline);

/* Flush, then call end() of each output that has not failed. Returns what pipeline_flush() returns. */
int pipeline_end(struct pipeline *pipeline);

#endif
