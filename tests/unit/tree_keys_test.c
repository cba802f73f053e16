/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tree/keys.h"

#define N (3 * KEYS_REMEMBERED)

/* The map only keeps their addresses. */
static char nodes[N];

static struct tree_node *node(uint32_t i)
{
	return (struct tree_node *)&nodes[i];
}

static struct process_key key(uint32_t i)
{
	/* Two pids: each is used more often than there are buckets. */
	return (struct process_key){.pid = 1000 + i / 30000, .start_ns = 1000000 + 17 * i};
}

static void pin(struct key_map *map, uint32_t i, struct key_list *list)
{
	struct process_key k = key(i);

	assert_int_equal(key_map_pin(map, &k, node(i), list), 0);
}

static struct tree_node *find(struct key_map *map, uint32_t i)
{
	struct process_key k = key(i);

	return key_map_find(map, &k);
}

static void unpin(struct key_map *map, uint32_t i)
{
	struct process_key k = key(i);

	key_map_unpin(map, &k);
}

static void pid_is_told_apart_by_start(void **state)
{
	struct key_map *map = key_map_new();
	struct key_list list = {0};

	for (uint32_t i = 0; i < N; i += 2)
		pin(map, i, &list);
	for (uint32_t i = 0; i < N; i++)
		assert_ptr_equal(find(map, i), i % 2 ? NULL : node(i));
	key_map_free(map);
}

static void oldest_of_the_reported_is_forgotten_first(void **state)
{
	struct key_map *map = key_map_new();
	struct key_list list = {0};

	for (uint32_t i = 0; i < N; i++) {
		pin(map, i, &list);
		if (i > 0)
			unpin(map, i); /* the first stays pinned */
	}
	assert_ptr_equal(find(map, 0), node(0));
	for (uint32_t i = 1; i < N; i++)
		assert_ptr_equal(find(map, i), i < N - KEYS_REMEMBERED ? NULL : node(i));
	key_map_free(map);
}

static void moved_keys_are_the_new_nodes(void **state)
{
	struct key_map *map = key_map_new();
	struct key_list a = {0}, b = {0};

	for (uint32_t i = 0; i < 100; i++)
		pin(map, i, i % 2 ? &a : &b);
	key_map_move(&a, node(1), &b);
	assert_null(a.first);
	for (uint32_t i = 0; i < 100; i++)
		assert_ptr_equal(find(map, i), i % 2 ? node(1) : node(i));
	key_map_move(&b, node(2), &a);
	for (uint32_t i = 0; i < 100; i++)
		assert_ptr_equal(find(map, i), node(2));
	key_map_free(map);
}

static void forgotten_keys_leave_the_list_of_their_node(void **state)
{
	struct key_map *map = key_map_new();
	struct key_list old = {0}, new = {0}, rest = {0};

	for (uint32_t i = 0; i < 100; i++) {
		pin(map, i, &old);
		unpin(map, i);
	}
	for (uint32_t i = 100; i < KEYS_REMEMBERED + 50; i++) {
		pin(map, i, &rest);
		unpin(map, i);
	}
	/*
	 * The first fifty are forgotten; were they still in the list, this would touch freed
	 * memory.
	 */
	key_map_move(&old, node(0), &new);
	for (uint32_t i = 0; i < 100; i++)
		assert_ptr_equal(find(map, i), i < 50 ? NULL : node(0));
	for (uint32_t i = KEYS_REMEMBERED + 50; i < KEYS_REMEMBERED + 100; i++) {
		pin(map, i, &rest);
		unpin(map, i);
	}
	assert_null(new.first);
	key_map_free(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pid_is_told_apart_by_start),
		cmocka_unit_test(oldest_of_the_reported_is_forgotten_first),
		cmocka_unit_test(moved_keys_are_the_new_nodes),
		cmocka_unit_test(forgotten_keys_leave_the_list_of_their_node),
	};

	return cmocka_run_group_tests_name("summary_keys", tests, NULL, NULL);
}
