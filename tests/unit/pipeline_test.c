/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <malloc.h>
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

static int memory_write(struct output *output, const struct point *points, size_t n)
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

static void memory_init(struct memory *memory)
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

static int adder_apply(struct transform *transform, const struct point *points, size_t n,
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

static void push(struct pipeline *pipeline, uint64_t time_ns, uint64_t value)
{
	struct point point = {.time_ns = time_ns, .type = VALUE_U64, .value.u64 = value};

	assert_int_equal(pipeline_push(pipeline, &point), 0);
}

static int push_text(struct pipeline *pipeline, const char *text, size_t length)
{
	struct attribute attribute = {"key", text, length};
	struct point point = {.n_attributes = 1, .attributes = &attribute};

	return pipeline_push(pipeline, &point);
}

struct fixture {
	struct pipeline *pipeline;
	struct memory memory;
};

static int make(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	fixture->pipeline = pipeline_new(NULL);
	memory_init(&fixture->memory);
	*state = fixture;
	return pipeline_add_output(fixture->pipeline, &fixture->memory.base);
}

static int unmake(void **state)
{
	struct fixture *fixture = *state;

	pipeline_free(fixture->pipeline);
	free(fixture->memory.values);
	free(fixture);
	return 0;
}

static void writes_in_time_order_and_keeps_ties(void **state)
{
	struct fixture *f = *state;
	const uint64_t times[] = {5, 3, 3, 9, 1, 3, 9};
	const uint64_t expected[] = {4, 1, 2, 5, 0, 3, 6};

	for (size_t i = 0; i < 7; i++)
		push(f->pipeline, times[i], i);
	assert_int_equal(f->memory.calls, 0);
	assert_int_equal(pipeline_flush(f->pipeline), 0);
	assert_int_equal(f->memory.calls, 1);
	assert_int_equal(f->memory.n, 7);
	assert_memory_equal(f->memory.values, expected, sizeof(expected));
}

static void calls_nobody_without_points(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(pipeline_flush(f->pipeline), 0);
	assert_int_equal(f->memory.calls, 0);
	push(f->pipeline, 1, 1);
	assert_int_equal(pipeline_flush(f->pipeline), 0);
	assert_int_equal(pipeline_flush(f->pipeline), 0);
	assert_int_equal(f->memory.calls, 1);
}

static void copies_attributes_and_their_texts(void **state)
{
	struct fixture *f = *state;
	char text[] = "before";

	assert_int_equal(push_text(f->pipeline, text, 6), 0);
	memcpy(text, "behind", 6);
	assert_int_equal(pipeline_flush(f->pipeline), 0);
	assert_string_equal(f->memory.last_text, "before");
	assert_int_equal(push_text(f->pipeline, NULL, 0), 0);
	assert_int_equal(pipeline_flush(f->pipeline), 0);
	assert_int_equal(f->memory.last_length, 0);
}

static void flushes_by_itself_when_full_of_points(void **state)
{
	struct fixture *f = *state;

	for (uint64_t i = 0; i < 100000; i++)
		push(f->pipeline, i, i);
	assert_true(f->memory.calls > 5);
	assert_true(f->memory.most <= 8192);
	assert_int_equal(pipeline_flush(f->pipeline), 0);
	assert_int_equal(f->memory.n, 100000);
	for (uint64_t i = 0; i < 100000; i++)
		assert_int_equal(f->memory.values[i], i);
}

static void flushes_by_itself_when_full_of_text(void **state)
{
	struct fixture *f = *state;
	char *text = calloc(1, 100000);

	for (int i = 0; i < 10; i++)
		assert_int_equal(push_text(f->pipeline, text, 100000), 0);
	assert_int_equal(f->memory.calls, 0);
	assert_int_equal(push_text(f->pipeline, text, 100000), 0);
	assert_int_equal(f->memory.calls, 1);
	assert_int_equal(f->memory.n, 10);
	free(text);
}

static void takes_an_attribute_larger_than_its_usual_memory(void **state)
{
	struct fixture *f = *state;
	char *text = malloc(5000000);

	memset(text, 'a', 5000000);
	push(f->pipeline, 0, 1);
	assert_int_equal(push_text(f->pipeline, text, 5000000), 0);
	assert_int_equal(push_text(f->pipeline, text, 4000000), 0);
	assert_int_equal(pipeline_flush(f->pipeline), 0);
	assert_int_equal(f->memory.n, 3);
	assert_int_equal(f->memory.last_length, 4000000);
	free(text);
}

static void uses_the_same_memory_again(void **state)
{
	struct fixture *f = *state;
	char *text = calloc(1, 50000);
	size_t in_use = 0;

	for (int round = 0; round < 100; round++) {
		f->memory.n = 0;
		for (int i = 0; i < 15; i++)
			assert_int_equal(push_text(f->pipeline, text, 50000 - (size_t)i), 0);
		assert_int_equal(pipeline_flush(f->pipeline), 0);
		if (round == 5)
			in_use = mallinfo2().uordblks + mallinfo2().hblkhd;
	}
	assert_in_range(mallinfo2().uordblks + mallinfo2().hblkhd, 0, in_use + 100000);
	free(text);
}

static void sorts_in_what_transforms_add(void **state)
{
	struct fixture *f = *state;
	struct adder first = {.base = {&adder_ops}, .copies = 1, .offset = 100};
	struct adder second = {.base = {&adder_ops}, .copies = 1, .offset = 1000};
	const uint64_t expected[] = {1, 101, 1001, 1101, 2, 102, 1002, 1102};

	assert_int_equal(pipeline_add_transform(f->pipeline, &first.base), 0);
	assert_int_equal(pipeline_add_transform(f->pipeline, &second.base), 0);
	push(f->pipeline, 20, 2);
	push(f->pipeline, 10, 1);
	assert_int_equal(pipeline_flush(f->pipeline), 0);
	assert_int_equal(first.seen, 2);
	assert_int_equal(second.seen, 4);
	assert_int_equal(f->memory.calls, 1);
	assert_int_equal(f->memory.n, 8);
	assert_memory_equal(f->memory.values, expected, sizeof(expected));
	assert_string_equal(f->memory.last_text, "added");
}

static void transforms_may_add_more_than_fits_into_the_usual_memory(void **state)
{
	struct fixture *f = *state;
	struct adder adder = {.base = {&adder_ops}, .copies = 4, .offset = 1000000};

	assert_int_equal(pipeline_add_transform(f->pipeline, &adder.base), 0);
	for (int round = 1; round <= 3; round++) {
		for (uint64_t i = 0; i < 8000; i++)
			push(f->pipeline, i, i);
		assert_int_equal(pipeline_flush(f->pipeline), 0);
		assert_int_equal(f->memory.calls, round);
		assert_int_equal(f->memory.n, 40000 * round);
	}
	assert_false(f->memory.disordered);
	for (uint64_t i = 0; i < 40000; i++)
		assert_int_equal(f->memory.values[i], i / 5 + (i % 5 ? 1000000 : 0));
}

static void a_failed_output_gets_nothing_more_while_others_do(void **state)
{
	struct fixture *f = *state;
	struct memory failing;

	memory_init(&failing);
	failing.result = -ENOSPC;
	assert_int_equal(pipeline_add_output(f->pipeline, &failing.base), 0);
	for (int i = 0; i < 3; i++) {
		push(f->pipeline, 1, 1);
		assert_int_equal(pipeline_flush(f->pipeline), -ENOSPC);
	}
	assert_int_equal(failing.calls, 1);
	assert_int_equal(f->memory.calls, 3);
	free(failing.values);
}

static void an_output_s_error_is_told_by_flush_and_not_by_push(void **state)
{
	struct fixture *f = *state;
	struct memory failing;
	size_t pushed;

	memory_init(&failing);
	failing.result = -EPIPE;
	assert_int_equal(pipeline_add_output(f->pipeline, &failing.base), 0);
	for (pushed = 0; f->memory.n == 0; pushed++)
		push(f->pipeline, pushed, pushed);
	assert_int_equal(failing.calls, 1);
	assert_int_equal(f->memory.n, pushed - 1);
	f->memory.result = -ENOSPC;
	assert_int_equal(pipeline_flush(f->pipeline), -EPIPE);
	assert_int_equal(f->memory.n, pushed);
	free(failing.values);
}

static void a_failed_transform_is_not_called_again(void **state)
{
	struct fixture *f = *state;
	struct adder adder = {.base = {&adder_ops}, .copies = 1, .offset = 5, .result = -EINVAL};

	assert_int_equal(pipeline_add_transform(f->pipeline, &adder.base), 0);
	push(f->pipeline, 1, 1);
	assert_int_equal(pipeline_flush(f->pipeline), -EINVAL);
	push(f->pipeline, 1, 1);
	assert_int_equal(pipeline_flush(f->pipeline), -EINVAL);
	assert_int_equal(adder.seen, 1);
	assert_int_equal(f->memory.n, 3);
}

static void points_of_internal_metrics_end_with_the_transforms(void **state)
{
	struct metric_registry *metrics = metric_registry_new();
	const uint32_t shown = metric_register(metrics, "a", &UNIT_NONE, METRIC_DELTA);
	const uint32_t hidden = metric_register_internal(metrics, "b", &UNIT_NONE, METRIC_DELTA);
	struct pipeline *pipeline = pipeline_new(metrics);
	struct adder adder = {.base = {.ops = &adder_ops}};
	const uint64_t expected[] = {2, 4};
	struct memory memory;

	memory_init(&memory);
	assert_int_equal(pipeline_add_transform(pipeline, &adder.base), 0);
	assert_int_equal(pipeline_add_output(pipeline, &memory.base), 0);
	for (uint64_t i = 1; i <= 5; i++) {
		struct point point = {.metric = i % 2 ? hidden : shown, .value.u64 = i};

		assert_int_equal(pipeline_push(pipeline, &point), 0);
	}
	assert_int_equal(pipeline_flush(pipeline), 0);
	assert_int_equal(adder.seen, 5);
	assert_int_equal(memory.n, 2);
	assert_memory_equal(memory.values, expected, sizeof(expected));
	assert_int_equal(pipeline_push(pipeline, &(struct point){.metric = hidden, .value.u64 = 6}),
	                 0);
	assert_int_equal(pipeline_flush(pipeline), 0);
	assert_int_equal(memory.calls, 1);
	free(memory.values);
	pipeline_free(pipeline);
	metric_registry_free(metrics);
}

/* An output that remembers the texts of the last point. */
struct texts {
	struct output base;
	char text[64];
};

static int texts_write(struct output *output, const struct point *points, size_t n)
{
	struct texts *texts = (struct texts *)output;
	const struct point *last = &points[n - 1];

	snprintf(texts->text, sizeof(texts->text), "%s|%s|%.*s", last->resource_text,
	         last->consumer_text ? last->consumer_text : "-",
	         (int)(last->n_attributes ? last->attributes[0].length : 0),
	         last->n_attributes ? last->attributes[0].text : "");
	return 0;
}

static void copies_ids_that_are_texts(void **state)
{
	static const struct output_ops ops = {.write = texts_write};
	struct fixture *f = *state;
	struct texts texts = {.base = {.ops = &ops}};
	char gpu[] = "GPU-1", path[] = "/a", value[] = "v";
	struct attribute attribute = {"key", value, 1};
	struct point point = {.resource_text = gpu, .consumer_text = path};

	assert_int_equal(pipeline_add_output(f->pipeline, &texts.base), 0);
	for (int with_attribute = 0; with_attribute < 2; with_attribute++) {
		point.n_attributes = (size_t)with_attribute;
		point.attributes = &attribute;
		strcpy(gpu, "GPU-1");
		strcpy(path, "/a");
		assert_int_equal(pipeline_push(f->pipeline, &point), 0);
		strcpy(gpu, "-----");
		strcpy(path, "--");
		assert_int_equal(pipeline_flush(f->pipeline), 0);
		assert_string_equal(texts.text, with_attribute ? "GPU-1|/a|v" : "GPU-1|/a|");
	}
	point.consumer_text = NULL;
	assert_int_equal(pipeline_push(f->pipeline, &point), 0);
	assert_int_equal(pipeline_flush(f->pipeline), 0);
	assert_string_equal(texts.text, "-----|-|v");
}

static void common_attributes_are_of_every_point(void **state)
{
	struct fixture *f = *state;
	const struct attribute common[] = {{"key", "other", 5}, {"host", "n1", 2}};

	pipeline_set_common(f->pipeline, common, 2);
	push(f->pipeline, 1, 1);
	pipeline_flush(f->pipeline);
	assert_string_equal(f->memory.last_text, "n1");
	/* A key that the point has itself is the point's. */
	pipeline_set_common(f->pipeline, common, 1);
	assert_int_equal(push_text(f->pipeline, "own", 3), 0);
	pipeline_flush(f->pipeline);
	assert_string_equal(f->memory.last_text, "own");
	pipeline_set_common(f->pipeline, NULL, 0);
}

static void the_rank_of_a_process_is_an_attribute(void **state)
{
	struct fixture *f = *state;
	const struct attribute common = {"rank", "other", 5};
	char rank[RANK_SIZE] = "12";
	const struct point point = {.metric = 1, .consumer_rank = rank};

	pipeline_set_common(f->pipeline, &common, 1);
	assert_int_equal(pipeline_push(f->pipeline, &point), 0);
	strcpy(rank, "9"); /* what was pushed is a copy */
	pipeline_flush(f->pipeline);
	assert_string_equal(f->memory.last_text, "12");
	rank[0] = '\0';
	assert_int_equal(pipeline_push(f->pipeline, &point), 0);
	pipeline_flush(f->pipeline);
	assert_string_equal(f->memory.last_text, "other");
	pipeline_set_common(f->pipeline, NULL, 0);
}

int main(void)
{
#define WITH_OUTPUT(test) cmocka_unit_test_setup_teardown(test, make, unmake)
	const struct CMUnitTest tests[] = {
		WITH_OUTPUT(writes_in_time_order_and_keeps_ties),
		WITH_OUTPUT(calls_nobody_without_points),
		WITH_OUTPUT(copies_attributes_and_their_texts),
		WITH_OUTPUT(flushes_by_itself_when_full_of_points),
		WITH_OUTPUT(flushes_by_itself_when_full_of_text),
		WITH_OUTPUT(takes_an_attribute_larger_than_its_usual_memory),
		WITH_OUTPUT(uses_the_same_memory_again),
		WITH_OUTPUT(sorts_in_what_transforms_add),
		WITH_OUTPUT(transforms_may_add_more_than_fits_into_the_usual_memory),
		WITH_OUTPUT(a_failed_output_gets_nothing_more_while_others_do),
		WITH_OUTPUT(an_output_s_error_is_told_by_flush_and_not_by_push),
		WITH_OUTPUT(a_failed_transform_is_not_called_again),
		cmocka_unit_test(points_of_internal_metrics_end_with_the_transforms),
		WITH_OUTPUT(copies_ids_that_are_texts),
		WITH_OUTPUT(common_attributes_are_of_every_point),
		WITH_OUTPUT(the_rank_of_a_process_is_an_attribute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
