/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* In which order points go through transforms to outputs, and what happens when one fails. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline_support.h"

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
		WITH_OUTPUT(sorts_in_what_transforms_add),
		WITH_OUTPUT(a_failed_output_gets_nothing_more_while_others_do),
		WITH_OUTPUT(an_output_s_error_is_told_by_flush_and_not_by_push),
		WITH_OUTPUT(a_failed_transform_is_not_called_again),
		cmocka_unit_test(points_of_internal_metrics_end_with_the_transforms),
		WITH_OUTPUT(common_attributes_are_of_every_point),
		WITH_OUTPUT(the_rank_of_a_process_is_an_attribute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
