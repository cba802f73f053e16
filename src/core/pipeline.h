/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The pipeline holds the points since the last flush, and the lives (alumet/life.h) of the window.
 * It sorts points by time, runs the transforms on them and passes them to every output. Its memory
 * is bounded: a push into a full pipeline flushes first.
 */
#ifndef CORE_PIPELINE_H
#define CORE_PIPELINE_H

#include <stdbool.h>
#include <stddef.h>

#include "alumet/life.h"
#include "alumet/output.h"
#include "alumet/point.h"
#include "alumet/transform.h"

struct pipeline;

/*
 * Create a pipeline without transforms and outputs. Returns NULL when memory ran out. metrics tells
 * which points are internal and must outlive the pipeline; NULL: none are.
 */
struct pipeline *pipeline_new(const struct metric_registry *metrics);

/* Free the pipeline. What was not flushed is dropped; transforms and outputs are not closed. */
void pipeline_free(struct pipeline *pipeline);

/* Add a transform or an output, which the caller still owns. Returns 0 or -ENOMEM. */
int pipeline_add_transform(struct pipeline *pipeline, struct transform *transform);
int pipeline_add_output(struct pipeline *pipeline, struct output *output);

/*
 * Add a field to every life of this run; call this before pipeline_begin(). The name is copied; the
 * unit must outlive the pipeline. Returns the index of its value in each life, -EEXIST if there is
 * a field with this name, or -ENOMEM.
 */
int pipeline_add_life_field(struct pipeline *pipeline, const struct life_field *field);

/* The fields added so far. Owned by the pipeline. */
const struct life_schema *pipeline_life_schema(const struct pipeline *pipeline);

/*
 * Add these attributes to every point pushed from now on, except for keys that it has already. Call
 * this before pipeline_begin(). Not copied: they must stay valid until the last flush.
 */
void pipeline_set_common(struct pipeline *pipeline, const struct attribute *attributes, size_t n);

/*
 * Add a figure of the whole run, for run_end.figures; transforms call this in their end(). It is
 * copied, except for its unit. Returns 0 or -ENOMEM.
 */
int pipeline_add_figure(struct pipeline *pipeline, const struct run_figure *figure);

/* The figures added so far. Owned by the pipeline. */
const struct run_figure *pipeline_figures(const struct pipeline *pipeline, size_t *n);

/* Whether any transform or output takes lives; if not, pushing lives has no effect. */
bool pipeline_wants_lives(const struct pipeline *pipeline);

/*
 * Keep a copy of the point, its strings, its attributes and their values until the next flush; keys
 * are not copied. During a flush, when a transform pushes, there is always room. Returns 0, or
 * -ENOMEM if the point was not kept. If a flush to make room fails, not this call but the next
 * pipeline_flush() returns the error.
 */
int pipeline_push(struct pipeline *pipeline, const struct point *point);

/*
 * Keep a copy of the life and all that it points to until it is delivered: at the end of the window
 * if a transform wants windows, otherwise at the next flush. Has no effect if no transform or
 * output takes lives. Not during a flush. Returns 0 or -ENOMEM, like pipeline_push().
 */
int pipeline_push_life(struct pipeline *pipeline, const struct life *life);

/*
 * The weights that a transform wants (alumet/weights.h), for a source that can provide them. The
 * caller owns the plan. pipeline_plan_weights() returns 0, or -EEXIST if there is a plan already;
 * pipeline_weight_plan() returns NULL if there is none.
 */
struct weight_plan;
int pipeline_plan_weights(struct pipeline *pipeline, struct weight_plan *plan);
struct weight_plan *pipeline_weight_plan(const struct pipeline *pipeline);

/*
 * The shortest window that a transform wants, in ns; 0 if none wants one, or if weights are planned
 * but no source provides them.
 */
uint64_t pipeline_window_ns(const struct pipeline *pipeline);

/* Called by a source: end the window once all sources that are due have been polled. */
void pipeline_end_window_soon(struct pipeline *pipeline);

/*
 * Whether the window should end early: pipeline_end_window_soon() was called during it, or many
 * lives wait for its end. Call this after sources were polled or became ready.
 */
bool pipeline_is_window_due(const struct pipeline *pipeline);

/*
 * Sort the points by time (stable), run the transforms, write to each output, and drop the points.
 * If no transform wants windows, lives are delivered too. A transform sees what those before it
 * added. A transform or output that failed is not called again; the others are. If there is nothing
 * to deliver, none is called.
 * Returns 0, or the first negative errno that an output or a transform ever returned.
 */
int pipeline_flush(struct pipeline *pipeline);

/*
 * End the window, after every source has taken its sample: flush, call end_window() of each
 * transform, and deliver the lives. Returns the same as pipeline_flush().
 */
int pipeline_end_window(struct pipeline *pipeline, const struct window *window);

/*
 * Call begin() of each transform and output, once, before the first flush. If one fails, it is not
 * called again. Returns the same as pipeline_flush().
 */
int pipeline_begin(struct pipeline *pipeline);

/*
 * End the run in two steps. pipeline_finish() delivers everything that is left and calls end() of
 * each transform. Points that are pushed and flushed afterwards only go to the outputs.
 * pipeline_end_output(), called for one output after another, calls its end() unless it has failed;
 * the caller owns the paths and notices in *end. Both return the same as pipeline_flush().
 */
int pipeline_finish(struct pipeline *pipeline);
int pipeline_end_output(struct pipeline *pipeline, struct output *output,
                        const struct run_end *end);

/* The negative errno with which an output failed; 0: it has not failed. */
int pipeline_output_error(const struct pipeline *pipeline, const struct output *output);

#endif
