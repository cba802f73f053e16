/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdalign.h>
#include <string.h>

#include "core/arena.h"

static void pieces_are_aligned_and_do_not_overlap(void **state)
{
	struct arena arena = {NULL, NULL};
	unsigned char *pieces[500];
	size_t sizes[500];

	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < 500; i++) {
			sizes[i] = i * 37 % 5000 + (i == 250 ? 100000 : 0);
			pieces[i] = arena_take(&arena, sizes[i]);
			assert_non_null(pieces[i]);
			assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
			memset(pieces[i], (int)(i & 0xff), sizes[i]);
		}
		for (size_t i = 0; i < 500; i++) {
			for (size_t j = 0; j < sizes[i]; j++)
				assert_int_equal(pieces[i][j], i & 0xff);
		}
		arena_reset(&arena);
	}
	arena_fini(&arena);
}

static void a_steady_load_uses_the_same_memory_again(void **state)
{
	struct arena arena = {NULL, NULL};
	void *first = arena_take(&arena, 100);

	for (int i = 0; i < 100; i++) {
		arena_reset(&arena);
		assert_ptr_equal(arena_take(&arena, 100), first);
	}
	arena_fini(&arena);
}

static void refuses_what_no_memory_can_hold(void **state)
{
	struct arena arena = {NULL, NULL};

	assert_null(arena_take(&arena, SIZE_MAX));
	assert_null(arena_take(&arena, SIZE_MAX - 16));
	assert_non_null(arena_take(&arena, 1));
	arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_aligned_and_do_not_overlap),
		cmocka_unit_test(a_steady_load_uses_the_same_memory_again),
		cmocka_unit_test(refuses_what_no_memory_can_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
