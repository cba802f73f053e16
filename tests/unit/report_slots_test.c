/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "report/slots.h"

struct item {
	uint32_t key, when; /* when: not compared */
};

static uint64_t hash_well(const void *item)
{
	return ((const struct item *)item)->key;
}

/* All in one slot, and in those behind it. */
static uint64_t hash_badly(const void *item)
{
	return 0;
}

static bool is_same(const void *item, const void *other)
{
	return ((const struct item *)item)->key == ((const struct item *)other)->key;
}

static void enter_all(const struct slots_kind *kind, uint32_t n_keys)
{
	struct slots slots = {.n = 0};
	struct item *items = NULL;
	size_t n = 0;
	uint32_t index;

	/* Each key twice: an item stays where, and what, it was. */
	for (uint32_t when = 0; when < 2 * n_keys; when++) {
		const struct item item = {.key = when % n_keys * 7919, .when = when};

		items = slots_enter(&slots, kind, items, n, &item, &index);
		assert_non_null(items);
		assert_int_equal(index, when % n_keys);
		n += index == n;
		assert_int_equal(items[index].when, when % n_keys);
	}
	assert_int_equal(n, n_keys);
	free(items);
	slots_fini(&slots);
}

static void an_item_is_there_once(void **state)
{
	enter_all(&(struct slots_kind){sizeof(struct item), hash_well, is_same}, 100000);
}

static void items_with_one_hash_are_told_apart(void **state)
{
	enter_all(&(struct slots_kind){sizeof(struct item), hash_badly, is_same}, 1500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_item_is_there_once),
		cmocka_unit_test(items_with_one_hash_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
