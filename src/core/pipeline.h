/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The pipeline: holds the points of a flush and the lives of a window, sorts the points by time,
 * runs the transforms over them and hands them to every output. Its memory is bounded: a push into
 * a full pipeline flushes first.
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
 * An empty pipeline without transforms and outputs, or NULL when memory ran out. metrics tells which
 * points are internal and outlives the pipeline; NULL: none are.
 */
struct pipeline *pipeline_new(const struct metric_registry *metrics);

/* Frees the pipeline; what was not flushed is dropped, transforms and outputs are not closed. */
void pipeline_free(struct pipeline *pipeline);

/* Add a transform or an output; not owned. Returns 0 or -ENOMEM. */
int pipeline_add_transform(struct pipeline *pipeline, struct transform *transform);
int pipeline_add_output(struct pipeline *pipeline, struct output *output);

/*
 * Before pipeline_begin(): every life of this run has such a field. The name is copied; the unit
 * must outlive the pipeline. Returns the index of its value in each life; -EEXIST when there is a
 * field of that name, -ENOMEM.
 */
int pipeline_add_life_field(struct pipeline *pipeline, const struct life_field *field);

/* The fields added so far. Owned by the pipeline. */
const struct life_schema *pipeline_life_schema(const struct pipeline *pipeline);

/*
 * A number of the run as a whole, for run_end.figures; copied but for its unit. To be added by a
 * transform in its end(). Returns 0 or -ENOMEM.
 */
int pipeline_add_figure(struct pipeline *pipeline, const struct run_figure *figure);

/* Those added so far. Owned by the pipeline. */
const struct run_figure *pipeline_figures(const struct pipeline *pipeline, size_t *n);

/* Whether some transform or output takes lives: if not, pushing them is no use. */
bool pipeline_wants_lives(const struct pipeline *pipeline);

/*
 * Keep a copy of the point, its texts, its attributes and theirs until the next flush. The keys are
 * not copied. During a flush (a transform pushes) there is always room.
 * Returns 0, or -ENOMEM: then the point is not kept. What goes wrong in a flush that had to be made
 * to find room is no error of the source that pushes: pipeline_flush() returns it.
 */
int pipeline_push(struct pipeline *pipeline, const struct point *point);

/*
 * Keep a copy of the life and all that it points to until it is delivered: at the next end of a
 * window if a transform wants windows, else at the next flush. A life for which nobody asks is not
 * copied. Not during a flush. Returns 0 or -ENOMEM, as pipeline_push() does.
 */
int pipeline_push_life(struct pipeline *pipeline, const struct life *life);

/*
 * What a transform wants weighed (alumet/weights.h), and for sources that can. Not owned; NULL: no
 * weights are wanted. A second plan is not possible: -EEXIST.
 */
struct weight_plan;
int pipeline_plan_weights(struct pipeline *pipeline, struct weight_plan *plan);
struct weight_plan *pipeline_weight_plan(const struct pipeline *pipeline);

/*
 * The shortest window that a transform wants, ns; 0 when none does, or when weights are planned and
 * no source provides them.
 */
uint64_t pipeline_window_ns(const struct pipeline *pipeline);

/* A source wants the window to end as soon as all that are due have been polled. */
void pipeline_end_window_soon(struct pipeline *pipeline);

/*
 * Whether the window should end now, before its time: pipeline_end_window_soon() was called since
 * the last one, or many lives wait for its end. To be asked when sources were polled or ready.
 */
bool pipeline_is_window_due(const struct pipeline *pipeline);

/*
 * Sort points by time (stable), transform, write to each output, forget the points; lives likewise
 * if no transform wants windows. A transform sees what those before it have added. An output whose
 * write failed, or a transform that failed, is not called again; the others are. With nothing to
 * deliver nothing is called.
 * Returns 0, or the first negative errno that an output or a transform ever returned.
 */
int pipeline_flush(struct pipeline *pipeline);

/*
 * Every source has taken its sample: flush, call each transform's end_window(), and deliver the
 * lives. Returns what pipeline_flush() returns.
 */
int pipeline_end_window(struct pipeline *pipeline, const struct window *window);

/*
 * Call begin() of each transform and output: to be done once, before the first flush. One that
 * fails is not called again. Returns 0, or what pipeline_flush() returns.
 */
int pipeline_begin(struct pipeline *pipeline);

/*
 * The end of the run, in two steps. First deliver everything that is still held, and call end() of
 * each transform; returns what pipeline_flush() returns. Then call end() of each output that has not
 * failed, one after another; paths and notices of *end are the caller's.
 */
int pipeline_finish(struct pipeline *pipeline);
int pipeline_end_output(struct pipeline *pipeline, struct output *output,
                        const struct run_end *end);

#endif
