/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "unit/event_support.h"

#include "sources/perf/events/pmu.h"

static struct machine machine;

static int set_up(void **state)
{
	machine_new(&machine);
	machine_write(&machine, "sys/devices/system/cpu/online", "0-7\n");
	return 0;
}

static int tear_down(void **state)
{
	machine_free(&machine);
	return 0;
}

static void load(struct pmu_list *list)
{
	assert_int_equal(pmu_list_load(machine.root, list), 0);
}

static const struct pmu *only_match(const struct pmu_list *list, const char *name)
{
	const struct pmu *pmu = pmu_match(list, name, NULL);

	assert_non_null(pmu);
	assert_null(pmu_match(list, name, pmu));
	return pmu;
}

static void tells_core_per_cpu_and_uncore_pmus_apart(void **state)
{
	struct pmu_list list;

	machine_pmu(&machine, "cpu", "type", "4\n");
	machine_pmu(&machine, "msr", "type", "9\n");
	machine_pmu(&machine, "power", "type", "21\n");
	machine_pmu(&machine, "power", "cpumask", "0,4\n");
	machine_pmu(&machine, "arm_spe_0", "type", "11\n");
	machine_pmu(&machine, "arm_spe_0", "cpumask", "0-7\n");
	load(&list);
	assert_int_equal(list.n, 4);

	assert_true(only_match(&list, "cpu")->is_core);
	assert_true(only_match(&list, "cpu")->everywhere);
	assert_int_equal(only_match(&list, "cpu")->type, 4);
	assert_false(only_match(&list, "msr")->is_core);
	assert_false(only_match(&list, "msr")->is_uncore);
	assert_true(only_match(&list, "power")->is_uncore);
	assert_false(only_match(&list, "arm_spe_0")->is_uncore);
	assert_false(only_match(&list, "arm_spe_0")->is_core);
	assert_int_equal(pmu_count_cores(&list), 1);
	assert_string_equal(pmu_of_type(&list, 21)->name, "power");
	assert_null(pmu_of_type(&list, 22));
	pmu_list_free(&list);
}

static void knows_the_cpus_of_core_types(void **state)
{
	struct pmu_list list;
	const struct pmu *pmu;

	machine_pmu(&machine, "cpu_core", "type", "4\n");
	machine_pmu(&machine, "cpu_core", "cpus", "0-3\n");
	machine_pmu(&machine, "cpu_atom", "type", "10\n");
	machine_pmu(&machine, "cpu_atom", "cpus", "4-7\n");
	load(&list);
	assert_int_equal(pmu_count_cores(&list), 2);
	pmu = only_match(&list, "cpu_atom");
	assert_true(pmu->is_core);
	assert_false(pmu->everywhere);
	assert_int_equal(pmu->cpus.n, 4);
	assert_int_equal(pmu->cpus.cpus[0], 4);

	/* "cpu" is none of them, so it means all. */
	pmu = pmu_match(&list, "cpu", NULL);
	assert_string_equal(pmu->name, "cpu_atom");
	pmu = pmu_match(&list, "cpu", pmu);
	assert_string_equal(pmu->name, "cpu_core");
	assert_null(pmu_match(&list, "cpu", pmu));
	pmu_list_free(&list);
}

static void matches_a_name_without_its_number(void **state)
{
	struct pmu_list list;
	const struct pmu *pmu;

	machine_pmu(&machine, "armv8_pmuv3_0", "type", "7\n");
	machine_pmu(&machine, "armv8_pmuv3_0", "cpus", "0-7\n");
	machine_pmu(&machine, "uncore_imc_0", "type", "12\n");
	machine_pmu(&machine, "uncore_imc_11", "type", "13\n");
	machine_pmu(&machine, "uncore_imc_free", "type", "14\n");
	load(&list);
	pmu = only_match(&list, "armv8_pmuv3");
	assert_true(pmu->is_core && pmu->everywhere);
	assert_int_equal(pmu->cpus.n, 0);
	pmu = pmu_match(&list, "uncore_imc", NULL);
	assert_string_equal(pmu->name, "uncore_imc_0");
	pmu = pmu_match(&list, "uncore_imc", pmu);
	assert_string_equal(pmu->name, "uncore_imc_11");
	assert_null(pmu_match(&list, "uncore_imc", pmu));
	only_match(&list, "uncore_imc_0");
	assert_null(pmu_match(&list, "uncore", NULL));
	assert_null(pmu_match(&list, "armv8_pmuv3_", NULL));
	pmu_list_free(&list);
}

static void leaves_out_pmus_whose_cpus_are_offline(void **state)
{
	struct pmu_list list;

	machine_pmu(&machine, "armv8_cortex_a53", "type", "7\n");
	machine_pmu(&machine, "armv8_cortex_a53", "cpus", "0-1,8-9\n");
	machine_pmu(&machine, "armv8_cortex_a72", "type", "8\n");
	machine_pmu(&machine, "armv8_cortex_a72", "cpus", "10-11\n");
	load(&list);
	assert_int_equal(list.n, 1);
	assert_string_equal(list.pmus[0].name, "armv8_cortex_a53");
	assert_int_equal(list.pmus[0].cpus.n, 4); /* the others may come online meanwhile */
	pmu_list_free(&list);
}

static void leaves_out_what_cannot_be_read(void **state)
{
	struct pmu_list list;

	machine_pmu(&machine, "good", "type", "5\n");
	machine_pmu(&machine, "untyped", "power/control", "auto\n");
	machine_pmu(&machine, "words", "type", "five\n");
	machine_pmu(&machine, "negative", "type", "-1\n");
	machine_pmu(&machine, "huge", "type", "4294967296\n");
	machine_pmu(&machine, "masked", "type", "6\n");
	machine_pmu(&machine, "masked", "cpumask", "0-x\n");
	load(&list);
	assert_int_equal(list.n, 1);
	assert_string_equal(list.pmus[0].name, "good");
	pmu_list_free(&list);
}

static void does_without_pmus_but_not_without_cpus(void **state)
{
	struct pmu_list list;
	struct said said;

	load(&list);
	assert_int_equal(list.n, 0);
	assert_int_equal(pmu_count_cores(&list), 0);
	pmu_list_free(&list);

	said_begin(&said);
	assert_int_equal(pmu_list_load("/nonexistent", &list), -ENOENT);
	said_end(&said);
	assert_said(&said, "/nonexistent/sys/devices/system/cpu/online");
	pmu_list_free(&list);
}

static void lists_events_without_their_units(void **state)
{
	struct pmu_list list;
	struct pmu_names names;

	machine_pmu(&machine, "power", "type", "21\n");
	machine_pmu(&machine, "power", "events/energy-psys", "event=0x05\n");
	machine_pmu(&machine, "power", "events/energy-pkg", "event=0x02\n");
	machine_pmu(&machine, "power", "events/energy-pkg.scale", "2.3e-10\n");
	machine_pmu(&machine, "power", "events/energy-pkg.unit", "Joules\n");
	load(&list);
	assert_int_equal(pmu_names(&list, &list.pmus[0], "events", &names), 0);
	assert_int_equal(names.n, 2);
	assert_string_equal(names.names[0], "energy-pkg");
	assert_string_equal(names.names[1], "energy-psys");
	pmu_names_free(&names);
	assert_int_equal(pmu_names(&list, &list.pmus[0], "format", &names), 0);
	assert_int_equal(names.n, 0);
	pmu_names_free(&names);
	pmu_list_free(&list);
}

static void reads_one_line_that_fits(void **state)
{
	struct pmu_list list;
	char line[8];

	machine_pmu(&machine, "cpu", "type", "4\n");
	machine_pmu(&machine, "cpu", "format/fits", "1234567\n");
	machine_pmu(&machine, "cpu", "format/no_newline", "1234567");
	machine_pmu(&machine, "cpu", "format/long", "12345678\n");
	machine_pmu(&machine, "cpu", "format/empty", "");
	load(&list);
	assert_int_equal(pmu_read(&list, &list.pmus[0], "format", "no_newline", line, 8), 0);
	assert_string_equal(line, "1234567");
	assert_int_equal(pmu_read(&list, &list.pmus[0], "format", "fits", line, 8), 0);
	assert_string_equal(line, "1234567");
	assert_int_equal(pmu_read(&list, &list.pmus[0], "format", "long", line, 8), -E2BIG);
	assert_int_equal(pmu_read(&list, &list.pmus[0], "format", "empty", line, 8), 0);
	assert_string_equal(line, "");
	assert_int_equal(pmu_read(&list, &list.pmus[0], "format", "none", line, 8), -ENOENT);
	pmu_list_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(tells_core_per_cpu_and_uncore_pmus_apart, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(knows_the_cpus_of_core_types, set_up, tear_down),
		cmocka_unit_test_setup_teardown(matches_a_name_without_its_number, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(leaves_out_pmus_whose_cpus_are_offline, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(leaves_out_what_cannot_be_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(does_without_pmus_but_not_without_cpus, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(lists_events_without_their_units, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(reads_one_line_that_fits, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
