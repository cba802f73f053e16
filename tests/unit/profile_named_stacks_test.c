/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Stacks with named frames, where each frame has as many inlined functions as there can be. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "sources/perf/profile/named_stacks.h"

/* With their inlined functions, they are more than a profile has. */
#define FRAMES 40000

/* Replaces that of naming.c. */
int naming_find(struct naming *naming, const struct stack_frame *frame, struct frame_name *name)
{
	(void)naming;
	*name = (struct frame_name){.n = DEBUG_FUNCTIONS_MAX, .is_code = true};
	for (size_t i = 0; i < name->n; i++)
		name->functions[i] = (uint32_t)(frame->place * DEBUG_FUNCTIONS_MAX + i);
	return 0;
}

static void samples_without_room_for_their_functions_are_counted(void **state)
{
	struct stacks stacks;
	struct named_stacks named;
	uint64_t samples = 0, without = 0;

	assert_int_equal(stacks_init(&stacks), 0);
	for (uint64_t i = 0; i < FRAMES; i++) {
		const struct stack_frame frame = {.kind = STACK_BINARY, .place = i};
		const struct stack_count count = {
			.node = stacks_node(&stacks, &frame, 1), .time_ns = 1, .samples = 2};

		assert_int_equal(stacks_count(&stacks, &count), 0);
	}
	assert_int_equal(stacks.too_many, 0);
	assert_int_equal(named_stacks_init(&named, &stacks, NULL), 0);
	for (size_t i = 0; i < named.stacks.n_counts; i++) {
		samples += named.stacks.counts[i].samples;
		if (named.stacks.counts[i].node == STACK_ROOT)
			without += named.stacks.counts[i].samples;
	}
	assert_int_equal(samples, 2 * FRAMES);
	assert_true(without > 0);
	assert_int_equal(named.stacks.too_many, without);
	named_stacks_fini(&named);
	stacks_fini(&stacks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_without_room_for_their_functions_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
