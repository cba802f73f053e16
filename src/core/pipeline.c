/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/pipeline.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "alumet/weights.h"
#include "core/figures.h"
#include "core/life_schema.h"
#include "core/lives.h"
#include "core/metric_registry.h"
#include "core/point_buffer.h"

/* A push flushes first when this is reached, to bound memory; see also point_buffer.c. */
#define MAX_LIFE_BYTES ((size_t)256 * 1024)

/* The same while lives wait for the end of a window, which costs more than a flush. */
#define MAX_WINDOW_LIFE_BYTES ((size_t)1024 * 1024)

/* A transform or an output; after its first failure it is not called again. */
struct stage {
	union {
		struct transform *transform;
		struct output *output;
	};
	bool failed;
	int err; /* why it failed */
};

struct stages {
	struct stage *items;
	size_t n;
};

struct pipeline {
	const struct metric_registry *metrics; /* or NULL */
	struct stages transforms, outputs;
	int error; /* the first error of a stage */
	uint64_t window_ns;
	bool window_is_due;
	struct weight_plan *weights;
	bool wants_lives;

	struct point_buffer buffer;
	struct life_fields life_fields;
	struct lives lives;
	struct figures figures;
	bool flushing;
	bool finished; /* end() of the transforms was called: they are not called again */
};

struct pipeline *pipeline_new(const struct metric_registry *metrics)
{
	struct pipeline *pipeline = calloc(1, sizeof(*pipeline));

	if (!pipeline)
		return NULL;
	pipeline->metrics = metrics;
	if (point_buffer_init(&pipeline->buffer)) {
		pipeline_free(pipeline);
		return NULL;
	}
	return pipeline;
}

void pipeline_free(struct pipeline *pipeline)
{
	if (!pipeline)
		return;
	point_buffer_fini(&pipeline->buffer);
	lives_fini(&pipeline->lives);
	figures_fini(&pipeline->figures);
	life_fields_fini(&pipeline->life_fields);
	free(pipeline->transforms.items);
	free(pipeline->outputs.items);
	free(pipeline);
}

static int stages_add(struct stages *stages, struct stage stage)
{
	struct stage *items = reallocarray(stages->items, stages->n + 1, sizeof(*items));

	if (!items)
		return -ENOMEM;
	stages->items = items;
	items[stages->n++] = stage;
	return 0;
}

int pipeline_add_transform(struct pipeline *pipeline, struct transform *transform)
{
	const uint64_t window_ns = transform->window_ns;

	if (window_ns && (!pipeline->window_ns || window_ns < pipeline->window_ns))
		pipeline->window_ns = window_ns;
	pipeline->wants_lives |= transform->ops->life != NULL;
	return stages_add(&pipeline->transforms, (struct stage){.transform = transform});
}

int pipeline_add_output(struct pipeline *pipeline, struct output *output)
{
	pipeline->wants_lives |= output->ops->life != NULL;
	return stages_add(&pipeline->outputs, (struct stage){.output = output});
}

int pipeline_plan_weights(struct pipeline *pipeline, struct weight_plan *plan)
{
	if (pipeline->weights)
		return -EEXIST;
	pipeline->weights = plan;
	return 0;
}

struct weight_plan *pipeline_weight_plan(const struct pipeline *pipeline)
{
	return pipeline->weights;
}

uint64_t pipeline_window_ns(const struct pipeline *pipeline)
{
	return pipeline->weights && !pipeline->weights->provided ? 0 : pipeline->window_ns;
}

void pipeline_end_window_soon(struct pipeline *pipeline)
{
	pipeline->window_is_due = true;
}

int pipeline_add_life_field(struct pipeline *pipeline, const struct life_field *field)
{
	return life_fields_add(&pipeline->life_fields, field);
}

const struct life_schema *pipeline_life_schema(const struct pipeline *pipeline)
{
	return &pipeline->life_fields.schema;
}

int pipeline_add_figure(struct pipeline *pipeline, const struct run_figure *figure)
{
	return figures_add(&pipeline->figures, figure);
}

const struct run_figure *pipeline_figures(const struct pipeline *pipeline, size_t *n)
{
	*n = pipeline->figures.n;
	return pipeline->figures.items;
}

bool pipeline_wants_lives(const struct pipeline *pipeline)
{
	return pipeline->wants_lives;
}

static void note_result(struct pipeline *pipeline, struct stage *stage, int result)
{
	if (result >= 0)
		return;
	stage->failed = true;
	stage->err = result;
	if (!pipeline->error)
		pipeline->error = result;
}

int pipeline_begin(struct pipeline *pipeline)
{
	const struct life_schema *schema = pipeline_life_schema(pipeline);

	for (size_t i = 0; i < pipeline->transforms.n; i++) {
		struct stage *stage = &pipeline->transforms.items[i];
		struct transform *transform = stage->transform;

		if (transform->ops->begin)
			note_result(pipeline, stage, transform->ops->begin(transform, schema));
	}
	for (size_t i = 0; i < pipeline->outputs.n; i++) {
		struct stage *stage = &pipeline->outputs.items[i];
		struct output *output = stage->output;

		if (output->ops->begin)
			note_result(pipeline, stage, output->ops->begin(output, schema));
	}
	return pipeline->error;
}

/* What is delivered besides the points. */
struct delivery {
	const struct window *window; /* NULL: no window ends */
	bool lives;
	bool end; /* of the run */
};

/* Deliver everything to one transform, so that the next one sees all that it adds. */
static int run_transform(struct pipeline *pipeline, struct transform *transform,
                         const struct delivery *delivery)
{
	const struct transform_ops *ops = transform->ops;
	const struct point_buffer *buffer = &pipeline->buffer;
	int result = 0;

	if (ops->apply && buffer->n > 0)
		result = ops->apply(transform, buffer->points, buffer->n, pipeline);
	if (result >= 0 && ops->end_window && delivery->window)
		result = ops->end_window(transform, delivery->window);
	for (size_t i = 0; delivery->lives && ops->life && i < pipeline->lives.n; i++) {
		if (result >= 0)
			result = ops->life(transform, &pipeline->lives.items[i]);
	}
	if (result >= 0 && ops->end && delivery->end)
		result = ops->end(transform);
	return result;
}

static void run_transforms(struct pipeline *pipeline, const struct delivery *delivery)
{
	for (size_t i = 0; i < pipeline->transforms.n; i++) {
		struct stage *stage = &pipeline->transforms.items[i];

		if (stage->failed || pipeline->finished)
			continue;
		point_buffer_hold(&pipeline->buffer);
		note_result(pipeline, stage, run_transform(pipeline, stage->transform, delivery));
		note_result(pipeline, stage, point_buffer_release(&pipeline->buffer));
	}
}

/* Remove the points of internal metrics. */
static void drop_internal(struct pipeline *pipeline)
{
	struct point_buffer *buffer = &pipeline->buffer;
	size_t n = 0;

	if (!pipeline->metrics || !metric_registry_has_internal(pipeline->metrics))
		return;
	for (size_t i = 0; i < buffer->n; i++) {
		if (!metric_get(pipeline->metrics, buffer->points[i].metric)->internal)
			buffer->points[n++] = buffer->points[i];
	}
	buffer->n = n;
}

static int run_output(struct pipeline *pipeline, struct output *output, bool with_lives)
{
	const struct point_buffer *buffer = &pipeline->buffer;
	int result = 0;

	if (output->ops->write && buffer->n > 0)
		result = output->ops->write(output, buffer->points, buffer->n);
	for (size_t i = 0; with_lives && output->ops->life && i < pipeline->lives.n; i++) {
		if (result >= 0)
			result = output->ops->life(output, &pipeline->lives.items[i]);
	}
	return result;
}

static void run_outputs(struct pipeline *pipeline, bool with_lives)
{
	for (size_t i = 0; i < pipeline->outputs.n; i++) {
		struct stage *stage = &pipeline->outputs.items[i];

		if (!stage->failed)
			note_result(pipeline, stage,
			            run_output(pipeline, stage->output, with_lives));
	}
}

static int deliver(struct pipeline *pipeline, struct delivery delivery)
{
	const bool is_empty = pipeline->buffer.n == 0 && !delivery.window && !delivery.end &&
	                      !(delivery.lives && pipeline->lives.n > 0);

	if (is_empty || pipeline->flushing)
		return pipeline->error;
	pipeline->flushing = true;
	point_buffer_sort(&pipeline->buffer);
	run_transforms(pipeline, &delivery);
	drop_internal(pipeline);
	run_outputs(pipeline, delivery.lives);
	pipeline->flushing = false;

	point_buffer_clear(&pipeline->buffer);
	if (delivery.lives)
		lives_clear(&pipeline->lives);
	return pipeline->error;
}

int pipeline_flush(struct pipeline *pipeline)
{
	return deliver(pipeline, (struct delivery){.lives = !pipeline_window_ns(pipeline)});
}

int pipeline_end_window(struct pipeline *pipeline, const struct window *window)
{
	pipeline->window_is_due = false;
	return deliver(pipeline, (struct delivery){.window = window, .lives = true});
}

int pipeline_finish(struct pipeline *pipeline)
{
	const int result = deliver(pipeline, (struct delivery){.lives = true, .end = true});

	pipeline->finished = true;
	return result;
}

int pipeline_end_output(struct pipeline *pipeline, struct output *output, const struct run_end *end)
{
	for (size_t i = 0; i < pipeline->outputs.n; i++) {
		struct stage *stage = &pipeline->outputs.items[i];

		if (stage->output == output && !stage->failed && output->ops->end)
			note_result(pipeline, stage, output->ops->end(output, end));
	}
	return pipeline->error;
}

int pipeline_output_error(const struct pipeline *pipeline, const struct output *output)
{
	for (size_t i = 0; i < pipeline->outputs.n; i++) {
		const struct stage *stage = &pipeline->outputs.items[i];

		if (stage->output == output)
			return stage->failed ? stage->err : 0;
	}
	return 0;
}

/* --- pushing ---------------------------------------------------------------------------------- */

void pipeline_set_common(struct pipeline *pipeline, const struct attribute *attributes, size_t n)
{
	pipeline->buffer.common = attributes;
	pipeline->buffer.n_common = n;
}

int pipeline_push(struct pipeline *pipeline, const struct point *point)
{
	if (!pipeline->flushing && point_buffer_is_full(&pipeline->buffer, point))
		pipeline_flush(pipeline); /* keeps its error, which is not the caller's */
	return point_buffer_add(&pipeline->buffer, point);
}

static bool has_many_lives(const struct pipeline *pipeline)
{
	return pipeline->lives.bytes >=
	       (pipeline_window_ns(pipeline) ? MAX_WINDOW_LIFE_BYTES : MAX_LIFE_BYTES);
}

bool pipeline_is_window_due(const struct pipeline *pipeline)
{
	return pipeline_window_ns(pipeline) &&
	       (pipeline->window_is_due || has_many_lives(pipeline));
}

int pipeline_push_life(struct pipeline *pipeline, const struct life *life)
{
	if (!pipeline->wants_lives)
		return 0;
	if (!pipeline_window_ns(pipeline) && has_many_lives(pipeline))
		pipeline_flush(pipeline); /* keeps its error */
	return lives_add(&pipeline->lives, life, pipeline->life_fields.schema.n);
}
