/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/metric_registry.h"

static int make_registry(void **state)
{
	*state = metric_registry_new();
	return *state ? 0 : -1;
}

static int free_registry(void **state)
{
	metric_registry_free(*state);
	return 0;
}

static void gives_the_same_metric_the_same_id(void **state)
{
	int energy = metric_register(*state, "energy", &UNIT_JOULE, METRIC_DELTA);
	int count = metric_register(*state, "count", &UNIT_NONE, METRIC_CUMULATIVE);

	assert_true(energy >= 0 && count >= 0);
	assert_int_not_equal(energy, count);
	assert_int_equal(metric_register(*state, "energy", &UNIT_JOULE, METRIC_DELTA), energy);
	assert_int_equal(metric_register(*state, "count", &UNIT_NONE, METRIC_CUMULATIVE), count);
	assert_string_equal(metric_get(*state, (uint32_t)energy)->name, "energy");
	assert_string_equal(metric_get(*state, (uint32_t)energy)->unit->display, "J");
	assert_string_equal(metric_get(*state, (uint32_t)count)->unit->ucum, "");
}

static void refuses_another_unit_for_a_known_name(void **state)
{
	assert_true(metric_register(*state, "energy", &UNIT_JOULE, METRIC_DELTA) >= 0);
	assert_int_equal(metric_register(*state, "energy", &UNIT_NONE, METRIC_CUMULATIVE), -EEXIST);
}

static void refuses_another_kind_for_a_known_name(void **state)
{
	int energy = metric_register(*state, "energy", &UNIT_JOULE, METRIC_DELTA);

	assert_int_equal(metric_get(*state, (uint32_t)energy)->kind, METRIC_DELTA);
	assert_int_equal(metric_register(*state, "energy", &UNIT_JOULE, METRIC_GAUGE), -EEXIST);
	assert_int_equal(metric_register_internal(*state, "energy", &UNIT_JOULE, METRIC_DELTA),
	                 -EEXIST);
	assert_false(metric_get(*state, (uint32_t)energy)->internal);
	assert_false(metric_registry_has_internal(*state));
	assert_int_equal(metric_find(*state, "energy"), energy);
	assert_int_equal(metric_find(*state, "Energy"), -1);
}

static void copies_names_and_never_moves_a_metric(void **state)
{
	char name[32] = "first";
	int id = metric_register(*state, name, &UNIT_NONE, METRIC_CUMULATIVE);
	const struct metric *first = metric_get(*state, (uint32_t)id);

	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "metric %d", i);
		assert_true(metric_register(*state, name, &UNIT_NONE, METRIC_CUMULATIVE) > id);
	}
	assert_ptr_equal(metric_get(*state, (uint32_t)id), first);
	assert_string_equal(first->name, "first");
}

static void knows_no_metric_of_an_id_never_given(void **state)
{
	assert_null(metric_get(*state, 0));
	assert_null(metric_get(*state, UINT32_MAX));
}

static void lists_announced_attributes_once_and_sorted(void **state)
{
	static const char *const announced[] = {"domain", "args", "exe", "domain", "args", "comm"};
	static const char *const expected[] = {"args", "comm", "domain", "exe"};
	const char *const *keys;
	size_t n;

	metric_announced_attributes(*state, &n);
	assert_int_equal(n, 0);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(metric_announce_attribute(*state, announced[i]), 0);
	keys = metric_announced_attributes(*state, &n);
	assert_int_equal(n, 4);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(keys[i], expected[i]);
}

int main(void)
{
#define WITH_REGISTRY(test) cmocka_unit_test_setup_teardown(test, make_registry, free_registry)
	const struct CMUnitTest tests[] = {
		WITH_REGISTRY(gives_the_same_metric_the_same_id),
		WITH_REGISTRY(refuses_another_unit_for_a_known_name),
		WITH_REGISTRY(refuses_another_kind_for_a_known_name),
		WITH_REGISTRY(copies_names_and_never_moves_a_metric),
		WITH_REGISTRY(knows_no_metric_of_an_id_never_given),
		WITH_REGISTRY(lists_announced_attributes_once_and_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
