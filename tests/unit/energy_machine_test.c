/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "transforms/energy/carbon.h"
#include "transforms/energy/formulas.h"
#include "transforms/energy/machine.h"
#include "unit/rapl_root.h"

#define ONE WEIGHT_FACTOR_ONE

static struct root root;

static int set_up(void **state)
{
	root_make(&root);
	return 0;
}

static int tear_down(void **state)
{
	root_remove(&root);
	return 0;
}

/* Two packages; the first has two dies, and two hardware threads a core. */
static void lay_out(void)
{
	root_write(&root, "sys/devices/system/cpu/possible", "0-5\n");
	root_cpu(&root, 0, 0, 0, "0,2");
	root_cpu(&root, 2, 0, 0, "0,2");
	root_cpu(&root, 1, 0, 1, "1,3");
	root_cpu(&root, 3, 0, 1, "1,3");
	root_cpu(&root, 4, 1, 0, "4");
	root_cpu(&root, 5, 1, 0, "5");
}

static void groups_are_dies(void **state)
{
	struct machine machine;

	lay_out();
	assert_int_equal(machine_init(&machine, root.path, 1.15, "1"), 0);
	assert_int_equal(machine.n_groups, 3);
	assert_int_equal(machine.group_of[0], machine.group_of[2]);
	assert_int_not_equal(machine.group_of[0], machine.group_of[1]);
	assert_int_equal(machine.groups[machine.group_of[4]].n_cpus, 2);
	assert_true(machine_is_part(&machine, machine.group_of[1], 0, -1));
	assert_true(machine_is_part(&machine, machine.group_of[1], 0, 1));
	assert_false(machine_is_part(&machine, machine.group_of[1], 0, 0));
	assert_false(machine_is_part(&machine, machine.group_of[1], 1, -1));
	machine_fini(&machine);
}

static void many_dies_are_counted_by_package(void **state)
{
	struct machine machine;

	root_write(&root, "sys/devices/system/cpu/possible", "0-15\n");
	for (int cpu = 0; cpu < 16; cpu++)
		root_cpu(&root, cpu, cpu / 8, cpu % 8, NULL);
	assert_int_equal(machine_init(&machine, root.path, 1.15, NULL), 0);
	assert_int_equal(machine.n_groups, 2);
	machine_fini(&machine);

	for (int cpu = 0; cpu < 16; cpu++)
		root_cpu(&root, cpu, cpu, 0, NULL);
	assert_int_equal(machine_init(&machine, root.path, 1.15, NULL), -E2BIG);
	machine_fini(&machine);
}

static void busy_siblings_count_less(void **state)
{
	struct machine machine;

	lay_out();
	assert_int_equal(machine_init(&machine, root.path, 1.15, "1"), 0);
	assert_int_equal(machine.factors[0], ONE);
	machine.uses[0].busy_ns = 1000;
	machine.uses[2].busy_ns = 500;
	machine.uses[4].busy_ns = 1000;
	machine.uses[5].busy_ns = 1000;
	machine_end_interval(&machine, 1000);
	assert_int_equal(machine.factors[0], lround(ONE * (1 - 0.5 * 0.425)));
	assert_int_equal(machine.factors[2], lround(ONE * 0.575));
	assert_int_equal(machine.factors[1], ONE);
	/* Without siblings. */
	assert_int_equal(machine.factors[4], ONE);
	assert_int_equal(machine.factors[5], ONE);
	/* The uses are those of one interval. */
	machine_end_interval(&machine, 1000);
	assert_int_equal(machine.factors[0], ONE);
	machine_fini(&machine);
}

/*
 * A core that uses twice the energy per cycle: its cycles count more, however often that is found.
 */
static void cores_with_counters_of_their_own(void **state)
{
	struct machine machine;

	root_write(&root, "sys/devices/system/cpu/possible", "0-1\n");
	root_cpu(&root, 0, 0, 0, "0");
	root_cpu(&root, 1, 0, 0, "1");
	assert_int_equal(machine_init(&machine, root.path, 1.15, "1"), 0);
	for (int i = 0; i < 5; i++) {
		machine.uses[0].energy = 2000;
		machine.uses[1].energy = 1000;
		machine.uses[0].weight = 1000000ULL * machine.factors[0] / ONE;
		machine.uses[1].weight = 1000000ULL * machine.factors[1] / ONE;
		machine_end_interval(&machine, 1000);
		assert_true(labs((long)machine.factors[0] - lround(ONE * 4.0 / 3)) < 4);
		assert_true(labs((long)machine.factors[1] - lround(ONE * 2.0 / 3)) < 4);
	}
	/* One that rests has no price. */
	machine.uses[0].energy = 2000;
	machine.uses[0].weight = 1000;
	machine.uses[1].energy = 10;
	machine_end_interval(&machine, 1000);
	assert_int_equal(machine.factors[1], ONE);
	machine_fini(&machine);
}

static void types_of_cores(void **state)
{
	struct machine machine;

	root_write(&root, "sys/devices/system/cpu/possible", "0-3\n");
	root_write(&root, "sys/bus/event_source/devices/cpu_core/cpus", "0-1\n");
	root_write(&root, "sys/bus/event_source/devices/cpu_atom/cpus", "2-3\n");
	assert_int_equal(machine_init(&machine, root.path, 1.15, "1,0.5"), 0);
	assert_int_equal(machine.factors[1], ONE);
	assert_int_equal(machine.factors[2], ONE / 2);
	machine_fini(&machine);
	/* Those that are not named count 1. */
	assert_int_equal(machine_init(&machine, root.path, 1.15, "2"), 0);
	assert_int_equal(machine.factors[0], 2 * ONE);
	assert_int_equal(machine.factors[3], ONE);
	machine_fini(&machine);
	assert_int_equal(machine_init(&machine, root.path, 1.15, "1,x"), -EINVAL);
	machine_fini(&machine);
	assert_int_equal(machine_init(&machine, root.path, 1.15, "0"), -EINVAL);
	machine_fini(&machine);
}

static void grams_of_a_number_or_a_country(void **state)
{
	assert_true(carbon_intensity("56") == 56);
	assert_true(carbon_intensity("0") == 0);
	assert_true(carbon_intensity("FRA") == carbon_intensity("france"));
	assert_true(carbon_intensity("FRA") > 0);
	assert_true(carbon_intensity("united kingdom") > 0);
	/* The first and the last of the countries, and some from between. */
	assert_true(carbon_intensity("ABW") > 0 && carbon_intensity("Zimbabwe") > 0);
	assert_true(carbon_intensity("NLD") > carbon_intensity("SWE"));
	assert_true(carbon_intensity("USA") == carbon_intensity("united states"));
	assert_true(carbon_intensity("-3") < 0);
	assert_true(carbon_intensity("Atlantis") < 0);
	assert_true(carbon_intensity("") < 0);
	assert_true(carbon_intensity("nan") < 0);
}

#define SERIES                                                                                     \
	"per_resource.cpu_energy.metric=rapl_consumed_energy\n"                                    \
	"per_consumer.cpu_usage.metric=cpu_percent\n"

static int name_of(const char *text, const char **name)
{
	struct setting_item item = {.text = (char *)text, .rename = "my_energy"};
	const struct setting_list list = {.items = &item, .n = 1};

	return formulas_name(&list, name);
}

static void formulas_of_alumet(void **state)
{
	const struct setting_list none = {.n = 0};
	struct setting_item two[2] = {{"expr=a * b\n", "one"}, {"expr=a * b\n", "two"}};
	const struct setting_list both = {.items = two, .n = 2};
	const char *name;

	assert_int_equal(formulas_name(&none, &name), 0);
	assert_string_equal(name, "attributed_energy");
	assert_int_equal(name_of("expr=cpu_energy * cpu_usage / 100.0\n" SERIES, &name), 0);
	assert_string_equal(name, "my_energy");
	assert_int_equal(name_of("expr=(cpu_usage/100)*cpu_energy\n" SERIES, &name), 0);

	assert_int_equal(name_of(SERIES, &name), -EINVAL);
	assert_int_equal(name_of("expr=cpu_energy + cpu_usage\n" SERIES, &name), -EINVAL);
	assert_int_equal(name_of("expr=cpu_energy\n" SERIES, &name), -EINVAL);
	assert_int_equal(name_of("expr=100 / cpu_energy * cpu_usage\n" SERIES, &name), -EINVAL);
	assert_int_equal(name_of("expr=cpu_energy * cpu_energy\n" SERIES, &name), -EINVAL);
	assert_int_equal(name_of("expr=cpu_energy * other\n" SERIES, &name), -EINVAL);
	assert_int_equal(name_of("expr=cpu_ * cpu_usage\n" SERIES, &name), -EINVAL);
	assert_int_equal(formulas_name(&both, &name), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(groups_are_dies, set_up, tear_down),
		cmocka_unit_test_setup_teardown(many_dies_are_counted_by_package, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(busy_siblings_count_less, set_up, tear_down),
		cmocka_unit_test_setup_teardown(cores_with_counters_of_their_own, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(types_of_cores, set_up, tear_down),
		cmocka_unit_test(grams_of_a_number_or_a_country),
		cmocka_unit_test(formulas_of_alumet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
