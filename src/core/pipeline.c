/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/pipeline.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "alumet/weights.h"
#include "core/arena.h"
#include "core/figures.h"
#include "core/life_schema.h"
#include "core/lives.h"
#include "core/log.h"
#include "core/metric_registry.h"
#include "core/point_sort.h"

/* A push beyond either flushes first: what the agent's memory is bounded by. */
#define MAX_POINTS 8192
#define MAX_ATTRIBUTE_BYTES ((size_t)1024 * 1024)
#define MAX_LIFE_BYTES ((size_t)256 * 1024)

/* The same where lives wait for the end of a window, which costs more than a flush. */
#define MAX_WINDOW_LIFE_BYTES ((size_t)1024 * 1024)

/* A transform or an output; after its first failure it is not called again. */
struct stage {
	union {
		struct transform *transform;
		struct output *output;
	};
	bool failed;
};

struct stages {
	struct stage *items;
	size_t n;
};

struct pipeline {
	const struct metric_registry *metrics; /* or NULL */
	struct stages transforms, outputs;
	int error; /* the first that a stage returned */
	uint64_t window_ns;
	bool window_is_due;
	struct weight_plan *weights;
	bool wants_lives;

	struct point *points;
	size_t n_points;
	struct point *scratch; /* as large as points: for sorting, and see push_during_flush() */
	size_t capacity;       /* of each; beyond MAX_POINTS only if transforms add that many */

	struct arena attributes;
	size_t attribute_bytes;

	struct life_fields life_fields;
	struct lives lives;
	struct figures figures;

	bool flushing;
	size_t n_added; /* points that the running transform has pushed */
};

struct pipeline *pipeline_new(const struct metric_registry *metrics)
{
	struct pipeline *pipeline = calloc(1, sizeof(*pipeline));

	if (!pipeline)
		return NULL;
	pipeline->metrics = metrics;
	/* Never used in full, these pages are never touched and cost nothing. */
	pipeline->capacity = MAX_POINTS;
	pipeline->points = malloc(MAX_POINTS * sizeof(*pipeline->points));
	pipeline->scratch = malloc(MAX_POINTS * sizeof(*pipeline->scratch));
	if (!pipeline->points || !pipeline->scratch) {
		pipeline_free(pipeline);
		return NULL;
	}
	return pipeline;
}

void pipeline_free(struct pipeline *pipeline)
{
	if (!pipeline)
		return;
	arena_fini(&pipeline->attributes);
	lives_fini(&pipeline->lives);
	figures_fini(&pipeline->figures);
	life_fields_fini(&pipeline->life_fields);
	free(pipeline->points);
	free(pipeline->scratch);
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
	if (!pipeline->error)
		pipeline->error = result;
}

/*
 * While a transform runs it holds a pointer to the points, which must not move: what it pushes
 * lands in scratch, behind as many unused places as there are points.
 */
static int push_during_flush(struct pipeline *pipeline, const struct point *point)
{
	size_t at = pipeline->n_points + pipeline->n_added;

	if (at == pipeline->capacity) {
		size_t capacity = pipeline->capacity * 2;
		struct point *scratch = reallocarray(pipeline->scratch, capacity, sizeof(*scratch));

		if (!scratch)
			return -ENOMEM;
		pipeline->scratch = scratch;
		pipeline->capacity = capacity; /* points follow in adopt_added() */
	}
	pipeline->scratch[at] = *point;
	pipeline->n_added++;
	return 0;
}

/* Make what a transform pushed part of the points; with no memory left, drop it. */
static int adopt_added(struct pipeline *pipeline, size_t capacity_of_points)
{
	if (pipeline->n_added == 0)
		return 0;
	if (pipeline->capacity > capacity_of_points) {
		struct point *points =
			reallocarray(pipeline->points, pipeline->capacity, sizeof(*points));

		if (!points) {
			log_error("out of memory: %zu points that a transform added are lost",
			          pipeline->n_added);
			pipeline->n_added = 0;
			pipeline->capacity = capacity_of_points;
			return -ENOMEM;
		}
		pipeline->points = points;
	}
	memcpy(pipeline->points + pipeline->n_points, pipeline->scratch + pipeline->n_points,
	       pipeline->n_added * sizeof(*pipeline->points));
	pipeline->n_points += pipeline->n_added;
	pipeline->n_added = 0;
	point_sort(pipeline->points, pipeline->n_points, pipeline->scratch);
	return 0;
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

/* What is delivered beside the points. */
struct delivery {
	const struct window *window; /* NULL: none ends */
	bool lives;
	bool end; /* of the run */
};

/* All that one transform gets, so that the next one sees all that it adds. */
static int run_transform(struct pipeline *pipeline, struct transform *transform,
                         const struct delivery *delivery)
{
	const struct transform_ops *ops = transform->ops;
	int result = 0;

	if (ops->apply && pipeline->n_points > 0)
		result = ops->apply(transform, pipeline->points, pipeline->n_points, pipeline);
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
		size_t capacity = pipeline->capacity;

		if (stage->failed)
			continue;
		note_result(pipeline, stage, run_transform(pipeline, stage->transform, delivery));
		note_result(pipeline, stage, adopt_added(pipeline, capacity));
	}
}

/* Take the points of internal metrics out. */
static void drop_internal(struct pipeline *pipeline)
{
	size_t n = 0;

	if (!pipeline->metrics || !metric_registry_has_internal(pipeline->metrics))
		return;
	for (size_t i = 0; i < pipeline->n_points; i++) {
		if (!metric_get(pipeline->metrics, pipeline->points[i].metric)->internal)
			pipeline->points[n++] = pipeline->points[i];
	}
	pipeline->n_points = n;
}

static int run_output(struct pipeline *pipeline, struct output *output, bool with_lives)
{
	int result = 0;

	if (output->ops->write && pipeline->n_points > 0)
		result = output->ops->write(output, pipeline->points, pipeline->n_points);
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
	const bool is_empty = pipeline->n_points == 0 && !delivery.window && !delivery.end &&
	                      !(delivery.lives && pipeline->lives.n > 0);

	if (is_empty || pipeline->flushing)
		return pipeline->error;
	pipeline->flushing = true;
	point_sort(pipeline->points, pipeline->n_points, pipeline->scratch);
	run_transforms(pipeline, &delivery);
	drop_internal(pipeline);
	run_outputs(pipeline, delivery.lives);
	pipeline->flushing = false;

	pipeline->n_points = 0;
	pipeline->attribute_bytes = 0;
	arena_reset(&pipeline->attributes);
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
	return deliver(pipeline, (struct delivery){.lives = true, .end = true});
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

/* --- pushing ----------------------------------------------------------------------------------- */

/* Of the copies that copy_texts() makes. */
static size_t text_bytes(const struct point *point)
{
	size_t bytes = point->n_attributes * sizeof(*point->attributes);

	for (size_t i = 0; i < point->n_attributes; i++)
		bytes += point->attributes[i].length;
	if (point->resource_text)
		bytes += strlen(point->resource_text) + 1;
	if (point->consumer_text)
		bytes += strlen(point->consumer_text) + 1;
	return bytes;
}

/* Copy n bytes to *at, which moves behind them. Returns the copy. */
static const char *put(char **at, const char *bytes, size_t n)
{
	char *copy = *at;

	if (n > 0)
		memcpy(copy, bytes, n);
	*at += n;
	return copy;
}

/* bytes: what text_bytes() said of the point. */
static int copy_texts(struct pipeline *pipeline, struct point *point, size_t bytes)
{
	const struct attribute *from = point->attributes;
	struct attribute *to;
	char *text;

	if (bytes == 0)
		return 0;
	to = arena_take(&pipeline->attributes, bytes);
	if (!to)
		return -ENOMEM;
	text = (char *)(to + point->n_attributes);
	for (size_t i = 0; i < point->n_attributes; i++)
		to[i] = (struct attribute){from[i].key, put(&text, from[i].text, from[i].length),
		                           from[i].length};
	point->attributes = to;
	if (point->resource_text)
		point->resource_text =
			put(&text, point->resource_text, strlen(point->resource_text) + 1);
	if (point->consumer_text)
		point->consumer_text =
			put(&text, point->consumer_text, strlen(point->consumer_text) + 1);
	pipeline->attribute_bytes += bytes;
	return 0;
}

int pipeline_push(struct pipeline *pipeline, const struct point *point)
{
	struct point copy = *point;
	size_t bytes = text_bytes(point);

	if (!pipeline->flushing &&
	    (pipeline->n_points >= MAX_POINTS ||
	     (pipeline->n_points > 0 && pipeline->attribute_bytes + bytes > MAX_ATTRIBUTE_BYTES)))
		pipeline_flush(pipeline); /* its error is kept there, and is not the pusher's */
	if (copy_texts(pipeline, &copy, bytes) < 0)
		return -ENOMEM;
	if (pipeline->flushing)
		return push_during_flush(pipeline, &copy);
	pipeline->points[pipeline->n_points++] = copy;
	return 0;
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
		pipeline_flush(pipeline); /* its error is kept there */
	return lives_add(&pipeline->lives, life, pipeline->life_fields.schema.n);
}
