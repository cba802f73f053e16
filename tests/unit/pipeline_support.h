/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An output that keeps what it was given, and a transform that adds points. */
#ifndef TESTS_UNIT_PIPELINE_SUPPORT_H
#define TESTS_UNIT_PIPELINE_SUPPORT_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/metric_registry.h"
#include "core/pipeline.h"

/* An output that remembers: how often it was called, and each point's value and first attribute. */
struct memory {
	struct output base;
	size_t calls, n, most; /* most: points of one call */
	uint64_t *values;
	char last_text[64];
	size_t last_length;
	uint64_t last_time;
	bool disordered; /* in time, within a call */
	int result;
};

static inline int memory_write(struct output *output, const struct point *points, size_t n)
{
	struct memory *memory = (struct memory *)output;

	memory->calls++;
	memory->most = n > memory->most ? n : memory->most;
	memory->values = realloc(memory->values, (memory->n + n) * sizeof(*memory->values));
	for (size_t i = 0; i < n; i++) {
		memory->values[memory->n++] = points[i].value.u64;
		if (i > 0 && points[i].time_ns < points[i - 1].time_ns)
			memory->disordered = true;
		if (points[i].n_attributes > 0) {
			const struct attribute *last =
				&points[i].attributes[points[i].n_attributes - 1];
			size_t length = last->length < 63 ? last->length : 63;

			memcpy(memory->last_text, last->text, length);
			memory->last_text[length] = '\0';
			memory->last_length = last->length;
		}
		memory->last_time = points[i].time_ns;
	}
	return memory->result;
}

static const struct output_ops memory_ops = {.write = memory_write};

static inline void memory_init(struct memory *memory)
{
	*memory = (struct memory){.base = {&memory_ops}};
}

/* A transform that adds, for each point that it sees, some others of the same time. */
struct adder {
	struct transform base;
	size_t copies;
	uint64_t offset; /* of the values */
	size_t seen;
	int result;
};

static inline int adder_apply(struct transform *transform, const struct point *points, size_t n,
                              struct pipeline *pipeline)
{
	struct adder *adder = (struct adder *)transform;

	adder->seen += n;
	for (size_t copy = 0; copy < adder->copies; copy++) {
		for (size_t i = 0; i < n; i++) {
			char text[] = "added";
			struct attribute attribute = {"key", text, 5};
			struct point point = points[i];

			point.value.u64 += adder->offset;
			point.attributes = &attribute;
			point.n_attributes = 1;
			assert_int_equal(pipeline_push(pipeline, &point), 0);
			memset(text, 'x', sizeof(text));
		}
	}
	return adder->result;
}

static const struct transform_ops adder_ops = {.apply = adder_apply};

static inline void push(struct pipeline *pipeline, uint64_t time_ns, uint64_t value)
{
	struct point point = {.time_ns = time_ns, .type = VALUE_U64, .value.u64 = value};

	assert_int_equal(pipeline_push(pipeline, &point), 0);
}

static inline int push_text(struct pipeline *pipeline, const char *text, size_t length)
{
	struct attribute attribute = {"key", text, length};
	struct point point = {.n_attributes = 1, .attributes = &attribute};

	return pipeline_push(pipeline, &point);
}

struct fixture {
	struct pipeline *pipeline;
	struct memory memory;
};

static inline int make(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->pipeline = pipeline_new(NULL);
	memory_init(&fixture->memory);
	*state = fixture;
	return pipeline_add_output(fixture->pipeline, &fixture->memory.base);
}

static inline int unmake(void **state)
{
	struct fixture *fixture = *state;

	pipeline_free(fixture->pipeline);
	free(fixture->memory.values);
	free(fixture);
	return 0;
}

/* An output that remembers the texts of the last point. */
struct texts {
	struct output base;
	char text[64];
};

static inline int texts_write(struct output *output, const struct point *points, size_t n)
{
	struct texts *texts = (struct texts *)output;
	const struct point *last = &points[n - 1];

	snprintf(texts->text, sizeof(texts->text), "%s|%s|%.*s", last->resource_text,
	         last->consumer_text ? last->consumer_text : "-",
	         (int)(last->n_attributes ? last->attributes[0].length : 0),
	         last->n_attributes ? last->attributes[0].text : "");
	return 0;
}

#endif
