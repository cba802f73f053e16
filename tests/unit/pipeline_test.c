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

/* --- lives ------------------------------------------------------------------------------------- */

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
	life->values[1] = (struct life_value){VALUE_F64, {.f64 = life->key.pid / 2.0}};
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
	struct life_value values[2] = {{VALUE_U64, {.u64 = pid * 10}}, {.type = VALUE_NONE}};
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
	assert_int_equal(pipeline_end_window(calls.pipeline, &(struct window){3, 9}), 0);
	assert_log(&calls, "apply(1) window(3-9) life(4) write(77) comm[4]/exe:40,2.0 ");
	assert_int_equal(pipeline_end_window(calls.pipeline, &(struct window){9, 12}), 0);
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
	struct fixture *f = *state;
	struct life life = {.comm = NULL}; /* a copy would read it */

	assert_false(pipeline_wants_lives(f->pipeline));
	assert_int_equal(pipeline_push_life(f->pipeline, &life), 0);
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
		cmocka_unit_test(lives_are_delivered_at_a_flush_when_no_transform_wants_windows),
		cmocka_unit_test(lives_wait_for_the_end_of_the_window),
		cmocka_unit_test(the_end_delivers_all_and_then_ends_the_outputs),
		cmocka_unit_test(many_lives_are_delivered_before_their_time_or_make_the_window_due),
		cmocka_unit_test(a_transform_that_fails_a_life_does_not_keep_it_from_the_outputs),
		WITH_OUTPUT(lives_that_nobody_wants_are_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
