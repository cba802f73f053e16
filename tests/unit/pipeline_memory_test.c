/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The pipeline copies what it is given, into memory that is bounded. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline_support.h"

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

int main(void)
{
#define WITH_OUTPUT(test) cmocka_unit_test_setup_teardown(test, make, unmake)
	const struct CMUnitTest tests[] = {
		WITH_OUTPUT(copies_attributes_and_their_texts),
		WITH_OUTPUT(flushes_by_itself_when_full_of_points),
		WITH_OUTPUT(flushes_by_itself_when_full_of_text),
		WITH_OUTPUT(takes_an_attribute_larger_than_its_usual_memory),
		WITH_OUTPUT(uses_the_same_memory_again),
		WITH_OUTPUT(transforms_may_add_more_than_fits_into_the_usual_memory),
		WITH_OUTPUT(copies_ids_that_are_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
