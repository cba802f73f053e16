/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "linux/topology.h"
#include "unit/rapl_root.h"

static int set_up(void **state)
{
	static struct root root;

	root_make(&root);
	*state = &root;
	return 0;
}

static int tear_down(void **state)
{
	root_remove(*state);
	return 0;
}

static void packages_dies_and_threads(void **state)
{
	const struct root *root = *state;
	struct topology topology;

	root_write(root, "sys/devices/system/cpu/possible", "0-5\n");
	root_cpu(root, 0, 0, 0, "0,2");
	root_cpu(root, 2, 0, 0, "0,2");
	root_cpu(root, 1, 1, 0, "1");
	root_cpu(root, 3, 1, 1, NULL);
	assert_int_equal(topology_read(root->path, &topology), 0);
	assert_int_equal(topology.n, 6);
	assert_true(topology.has_smt);
	assert_int_equal(topology.n_types, 1);
	assert_int_equal(topology.cpus[2].core, 0);
	assert_int_equal(topology.cpus[2].siblings, 1);
	assert_int_equal(topology.cpus[1].package, 1);
	assert_int_equal(topology.cpus[1].siblings, 0);
	assert_int_equal(topology.cpus[3].die, 1);
	assert_int_equal(topology.cpus[3].core, 3);
	assert_true(topology.cpus[3].known);
	assert_false(topology.cpus[4].known);
	topology_free(&topology);
}

static void core_types_of_a_hybrid_machine(void **state)
{
	const struct root *root = *state;
	struct topology topology;

	root_write(root, "sys/devices/system/cpu/possible", "0-3\n");
	root_write(root, "sys/bus/event_source/devices/cpu_core/cpus", "0-1\n");
	root_write(root, "sys/bus/event_source/devices/cpu_atom/cpus", "2-3\n");
	assert_int_equal(topology_read(root->path, &topology), 0);
	assert_int_equal(topology.n_types, 2);
	assert_int_equal(topology.cpus[1].type, 0);
	assert_int_equal(topology.cpus[2].type, 1);
	assert_false(topology.has_smt);
	topology_free(&topology);
}

static void without_a_list_of_cpus(void **state)
{
	const struct root *root = *state;
	struct topology topology;

	assert_int_equal(topology_read(root->path, &topology), -ENOENT);
	assert_null(topology.cpus);
	assert_int_equal(topology_read("/nowhere", &topology), -ENOENT);
}

static void this_machine(void **state)
{
	struct topology topology;

	assert_int_equal(topology_read("/", &topology), 0);
	assert_true(topology.n >= 1);
	assert_true(topology.n_types >= 1);
	topology_free(&topology);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(packages_dies_and_threads, set_up, tear_down),
		cmocka_unit_test_setup_teardown(core_types_of_a_hybrid_machine, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_a_list_of_cpus, set_up, tear_down),
		cmocka_unit_test(this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
