/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the pipeline delivers to transforms and outputs when, lives above all. */
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

static void push(struct pipeline *pipeline, uint64_t time_ns, uint64_t value)
{
	const struct point point = {.time_ns = time_ns, .type = VALUE_U64, .value.u64 = value};

	assert_int_equal(pipeline_push(pipeline, &point), 0);
}

/* A transform and an output that write down, in one log, what they are called with. */
struct calls {
	struct transform transform; /* first, as the pipeline wants it */
	struct output output;
	struct pipeline *pipeline;
	char log[2048];
	int life_result;
};

static struct calls *calls_of(struct transform *transform)
{
	return (struct calls *)transform;
}

static struct calls *calls_of_output(struct output *output)
{
	return (struct calls *)((char *)output - offsetof(struct calls, output));
}

__attribute__((format(printf, 2, 3))) static void note(struct calls *calls, const char *format, ...)
{
	size_t length = strlen(calls->log);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(calls->log + length, sizeof(calls->log) - length, format, arguments);
	va_end(arguments);
}

static int calls_begin(struct transform *transform, const struct life_schema *schema)
{
	note(calls_of(transform), "begin(%zu) ", schema->n);
	return 0;
}

static int calls_apply(struct transform *transform, const struct point *points, size_t n,
                       struct pipeline *pipeline)
{
	note(calls_of(transform), "apply(%zu) ", n);
	return 0;
}

/* What it pushes is written in the same flush. */
static int calls_end_window(struct transform *transform, const struct window *window)
{
	note(calls_of(transform), "window(%d-%d) ", (int)window->begin_ns, (int)window->end_ns);
	push(calls_of(transform)->pipeline, 1, 77);
	return 0;
}

static int calls_life(struct transform *transform, struct life *life)
{
	note(calls_of(transform), "life(%u) ", life->key.pid);
	life->values[1] = (struct life_value){.type = VALUE_F64,
	                                         .f64 = life->key.pid / 2.0};
	return calls_of(transform)->life_result;
}

static int calls_end(struct transform *transform)
{
	note(calls_of(transform), "end ");
	push(calls_of(transform)->pipeline, 2, 78);
	return 0;
}

static int calls_output_begin(struct output *output, const struct life_schema *schema)
{
	note(calls_of_output(output), "output-begin(%s,%s) ", schema->fields[0].name,
	     schema->fields[1].name);
	return 0;
}

static int calls_output_write(struct output *output, const struct point *points, size_t n)
{
	note(calls_of_output(output), "write(%d) ", (int)points[n - 1].value.u64);
	return 0;
}

static int calls_output_life(struct output *output, const struct life *life)
{
	note(calls_of_output(output), "%s[%u]%s:%d,%.1f ", life->comm, life->key.pid, life->exe,
	     (int)life->values[0].u64, life->values[1].f64);
	if (life->args)
		note(calls_of_output(output), "%.*s ", (int)life->args_length, life->args);
	return 0;
}

static int calls_output_end(struct output *output, const struct run_end *end)
{
	note(calls_of_output(output), "output-end(%d) ", end->wait_status);
	return 0;
}

static const struct transform_ops calls_ops = {
	.begin = calls_begin,
	.apply = calls_apply,
	.end_window = calls_end_window,
	.life = calls_life,
	.end = calls_end,
};

static const struct output_ops calls_output_ops = {
	.begin = calls_output_begin,
	.write = calls_output_write,
	.life = calls_output_life,
	.end = calls_output_end,
};

static void calls_init(struct calls *calls, uint64_t window_ns)
{
	const struct life_field a = {.name = "a", .unit = &UNIT_NONE};
	const struct life_field b = {.name = "b", .unit = &UNIT_JOULE};

	*calls = (struct calls){
		.transform = {.ops = &calls_ops, .window_ns = window_ns},
		.output = {.ops = &calls_output_ops},
		.pipeline = pipeline_new(NULL),
	};
	assert_int_equal(pipeline_add_life_field(calls->pipeline, &a), 0);
	assert_int_equal(pipeline_add_life_field(calls->pipeline, &b), 1);
	assert_int_equal(pipeline_add_life_field(calls->pipeline, &a), -EEXIST);
	assert_int_equal(pipeline_add_transform(calls->pipeline, &calls->transform), 0);
	assert_int_equal(pipeline_add_output(calls->pipeline, &calls->output), 0);
	assert_true(pipeline_wants_lives(calls->pipeline));
	assert_int_equal(pipeline_begin(calls->pipeline), 0);
	assert_string_equal(calls->log, "begin(2) output-begin(a,b) ");
	calls->log[0] = '\0';
}

static void push_life(struct calls *calls, uint32_t pid)
{
	char comm[] = "comm", exe[] = "/exe", args[] = "x y";
	struct life_value values[2] = {{.type = VALUE_U64, .u64 = pid * 10},
	                               {.type = VALUE_NONE}};
	struct life life = {
		.key = {.pid = pid},
		.comm = comm,
		.exe = exe,
		.args = pid % 2 ? args : NULL,
		.args_length = pid % 2 ? 3 : 0,
		.values = values,
	};

	assert_int_equal(pipeline_push_life(calls->pipeline, &life), 0);
	memset(comm, 'z', 4);
	memset(exe, 'z', 4);
	memset(args, 'z', 3);
	memset(values, 0xff, sizeof(values));
}

static void assert_log(struct calls *calls, const char *expected)
{
	assert_string_equal(calls->log, expected);
	calls->log[0] = '\0';
}

static void lives_are_delivered_at_a_flush_when_no_transform_wants_windows(void **state)
{
	struct calls calls;

	calls_init(&calls, 0);
	push_life(&calls, 1);
	push_life(&calls, 2);
	assert_log(&calls, "");
	assert_int_equal(pipeline_flush(calls.pipeline), 0);
	assert_log(&calls, "life(1) life(2) comm[1]/exe:10,0.5 x y comm[2]/exe:20,1.0 ");
	assert_int_equal(pipeline_flush(calls.pipeline), 0);
	assert_log(&calls, "");
	pipeline_free(calls.pipeline);
}

static void lives_wait_for_the_end_of_the_window(void **state)
{
	struct calls calls;

	calls_init(&calls, 1000);
	assert_int_equal(pipeline_window_ns(calls.pipeline), 1000);
	push_life(&calls, 4);
	push(calls.pipeline, 1, 5);
	assert_int_equal(pipeline_flush(calls.pipeline), 0);
	assert_log(&calls, "apply(1) write(5) ");
	push(calls.pipeline, 0, 6);
	assert_int_equal(pipeline_end_window(calls.pipeline, &(struct window){3, 9, 0}), 0);
	assert_log(&calls, "apply(1) window(3-9) life(4) write(77) comm[4]/exe:40,2.0 ");
	assert_int_equal(pipeline_end_window(calls.pipeline, &(struct window){9, 12, 0}), 0);
	assert_log(&calls, "window(9-12) write(77) ");
	pipeline_free(calls.pipeline);
}

static void the_end_delivers_all_and_then_ends_the_outputs(void **state)
{
	const struct run_end end = {.wait_status = 7};
	struct calls calls;

	calls_init(&calls, 1000);
	push_life(&calls, 4);
	assert_int_equal(pipeline_finish(calls.pipeline), 0);
	assert_log(&calls, "life(4) end write(78) comm[4]/exe:40,2.0 ");
	/* What is said of the run then is for the outputs alone. */
	push(calls.pipeline, 1, 5);
	assert_int_equal(pipeline_flush(calls.pipeline), 0);
	assert_log(&calls, "write(5) ");
	assert_int_equal(pipeline_end_output(calls.pipeline, &calls.output, &end), 0);
	assert_log(&calls, "output-end(7) ");
	pipeline_free(calls.pipeline);
}

static void many_lives_are_delivered_before_their_time_or_make_the_window_due(void **state)
{
	struct calls calls;
	uint32_t n = 0;

	calls_init(&calls, 0);
	while (!calls.log[0] && n < 100000)
		push_life(&calls, n++);
	assert_in_range(n, 100, 10000);
	assert_false(pipeline_is_window_due(calls.pipeline));
	pipeline_free(calls.pipeline);

	calls_init(&calls, 1000);
	for (n = 0; !pipeline_is_window_due(calls.pipeline) && n < 100000; n++)
		push_life(&calls, n);
	assert_in_range(n, 100, 10000);
	assert_log(&calls, "");
	pipeline_free(calls.pipeline);
}

static void a_transform_that_fails_a_life_does_not_keep_it_from_the_outputs(void **state)
{
	struct calls calls;

	calls_init(&calls, 0);
	calls.life_result = -EINVAL;
	push_life(&calls, 2);
	push_life(&calls, 4);
	assert_int_equal(pipeline_flush(calls.pipeline), -EINVAL);
	assert_log(&calls, "life(2) comm[2]/exe:20,1.0 comm[4]/exe:40,0.0 ");
	push_life(&calls, 6);
	assert_int_equal(pipeline_flush(calls.pipeline), -EINVAL);
	assert_log(&calls, "comm[6]/exe:60,0.0 ");
	pipeline_free(calls.pipeline);
}

static void lives_that_nobody_wants_are_not_kept(void **state)
{
	struct pipeline *pipeline = pipeline_new(NULL);
	struct life life = {.comm = NULL}; /* a copy would read it */

	assert_false(pipeline_wants_lives(pipeline));
	assert_int_equal(pipeline_push_life(pipeline, &life), 0);
	pipeline_free(pipeline);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lives_are_delivered_at_a_flush_when_no_transform_wants_windows),
		cmocka_unit_test(lives_wait_for_the_end_of_the_window),
		cmocka_unit_test(the_end_delivers_all_and_then_ends_the_outputs),
		cmocka_unit_test(many_lives_are_delivered_before_their_time_or_make_the_window_due),
		cmocka_unit_test(a_transform_that_fails_a_life_does_not_keep_it_from_the_outputs),
		cmocka_unit_test(lives_that_nobody_wants_are_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
