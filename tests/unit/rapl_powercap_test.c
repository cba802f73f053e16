/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The powercap backend on laid-out machines, through the source: every sum is known in advance. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/log.h"
#include "sources/rapl/powercap_zone.h"
#include "unit/rapl_run.h"

#define RANGE UINT64_C(262143328850)
#define DRAM_RANGE UINT64_C(65712999613)

static int set_up(void **state)
{
	return run_set_up(state, RAPL_POWERCAP);
}

static void client_with_all_domains(void **state)
{
	struct run *run = *state;

	root_zone(&run->root, "intel-rapl:0", "package-0", 1000, RANGE);
	root_zone(&run->root, "intel-rapl:0:0", "core", 2000, RANGE);
	root_zone(&run->root, "intel-rapl:0:1", "uncore", 3000, RANGE);
	root_zone(&run->root, "intel-rapl:1", "psys", 4000, RANGE);
	run_open_and_start(run);
	assert_string_equal(run->said, "");
	root_energy(&run->root, "intel-rapl:0", 1000 + 10300001);
	root_energy(&run->root, "intel-rapl:0:0", 2000 + 5779297);
	root_energy(&run->root, "intel-rapl:1", 4000 + 50306030);
	run_stop(run);
	assert_int_equal(run->n_seen, 4);
	assert_int_equal(run_uj(run, "package", 0), 10300001);
	assert_int_equal(run_uj(run, "pp0", 0), 5779297);
	assert_int_equal(run_uj(run, "pp1", 0), 0);
	assert_int_equal(run_uj(run, "platform", 0), 50306030);
	for (size_t i = 0; i < run->n_seen; i++)
		assert_int_equal(run->seen[i].resource, strcmp(run->seen[i].domain, "platform") == 0
		                                                ? RESOURCE_LOCAL_MACHINE
		                                                : RESOURCE_CPU_PACKAGE);
	assert_string_equal(run->report, "");
}

static void server_of_two_packages(void **state)
{
	struct run *run = *state;

	root_zone(&run->root, "intel-rapl:0", "package-1", 100, RANGE); /* not in order */
	root_zone(&run->root, "intel-rapl:0:0", "dram", 200, DRAM_RANGE);
	root_zone(&run->root, "intel-rapl:1", "package-0", 300, RANGE);
	root_zone(&run->root, "intel-rapl:1:0", "dram", 400, DRAM_RANGE);
	run_open_and_start(run);
	root_energy(&run->root, "intel-rapl:0", 100 + 1);
	root_energy(&run->root, "intel-rapl:0:0", 200 + 20);
	root_energy(&run->root, "intel-rapl:1", 300 + 300);
	root_energy(&run->root, "intel-rapl:1:0", 400 + 4000);
	run_stop(run);
	assert_int_equal(run->n_seen, 4);
	assert_int_equal(run_uj(run, "package", 1), 1);
	assert_int_equal(run_uj(run, "dram", 1), 20);
	assert_int_equal(run_uj(run, "package", 0), 300);
	assert_int_equal(run_uj(run, "dram", 0), 4000);
	for (size_t i = 0; i < run->n_seen; i++)
		assert_int_equal(run->seen[i].resource, strcmp(run->seen[i].domain, "dram") == 0
		                                                ? RESOURCE_DRAM
		                                                : RESOURCE_CPU_PACKAGE);
}

static void lay_out_dies(struct run *run)
{
	for (int i = 0; i < 4; i++) {
		char zone[32], name[32], sub_zone[32];

		snprintf(zone, sizeof(zone), "intel-rapl:%d", i);
		snprintf(name, sizeof(name), "package-%d-die-%d", i / 2, i % 2);
		snprintf(sub_zone, sizeof(sub_zone), "intel-rapl:%d:0", i);
		root_zone(&run->root, zone, name, 0, RANGE);
		root_zone(&run->root, sub_zone, "dram", 0, DRAM_RANGE);
	}
}

static void move_dies(struct run *run)
{
	root_energy(&run->root, "intel-rapl:0", 1);
	root_energy(&run->root, "intel-rapl:1", 20);
	root_energy(&run->root, "intel-rapl:2", 300);
	root_energy(&run->root, "intel-rapl:3", 4000);
	root_energy(&run->root, "intel-rapl:3:0", 50000);
}

static void dies_are_summed_into_their_package(void **state)
{
	struct run *run = *state;

	lay_out_dies(run);
	run_open_and_start(run);
	move_dies(run);
	run_stop(run);
	assert_int_equal(run->n_seen, 4);
	assert_int_equal(run_die_uj(run, "package", 0, ""), 21);
	assert_int_equal(run_die_uj(run, "package", 1, ""), 4300);
	assert_int_equal(run_die_uj(run, "dram", 0, ""), 0);
	assert_int_equal(run_die_uj(run, "dram", 1, ""), 50000);
}

static void dies_are_told_apart_on_demand(void **state)
{
	struct run *run = *state;

	lay_out_dies(run);
	run->settings.per_die = true;
	run_open_and_start(run);
	move_dies(run);
	run_stop(run);
	assert_int_equal(run->n_seen, 8);
	assert_int_equal(run_die_uj(run, "package", 0, "0"), 1);
	assert_int_equal(run_die_uj(run, "package", 0, "1"), 20);
	assert_int_equal(run_die_uj(run, "package", 1, "0"), 300);
	assert_int_equal(run_die_uj(run, "package", 1, "1"), 4000);
	assert_int_equal(run_die_uj(run, "dram", 1, "1"), 50000);
}

static void same_energy_is_never_taken_twice(void **state)
{
	struct run *run = *state;

	root_zone(&run->root, "intel-rapl:0", "package-0", 0, RANGE);
	root_zone(&run->root, "intel-rapl-mmio:0", "package-0", 0, RANGE);
	root_zone(&run->root, "intel-rapl-mmio:0:0", "dram", 0, RANGE);
	root_zone(&run->root, "intel-rapl-tpmi:0", "package-0-die-0", 0, RANGE);
	root_zone(&run->root, "intel-rapl-tpmi:0:0", "dram", 0, RANGE);
	root_zone(&run->root, "intel-rapl-tpmi:1", "psys", 0, RANGE);
	root_zone(&run->root, "intel-rapl-tpmi:2", "psys-1", 0, RANGE);
	run_open_and_start(run);
	root_energy(&run->root, "intel-rapl:0", 1000);
	root_energy(&run->root, "intel-rapl-mmio:0", 1001);
	root_energy(&run->root, "intel-rapl-mmio:0:0", 501);
	root_energy(&run->root, "intel-rapl-tpmi:0", 1002);
	root_energy(&run->root, "intel-rapl-tpmi:0:0", 500);
	root_energy(&run->root, "intel-rapl-tpmi:1", 7000);
	root_energy(&run->root, "intel-rapl-tpmi:2", 7001);
	run_stop(run);
	assert_int_equal(run->n_seen, 3);
	assert_int_equal(run_uj(run, "package", 0), 1000);
	assert_int_equal(run_uj(run, "dram", 0), 500);
	assert_int_equal(run_uj(run, "platform", 0), 7000);
}

/* Nothing says that two drivers number the dies alike. */
static void dies_are_not_mixed_from_two_drivers(void **state)
{
	struct run *run = *state;

	root_zone(&run->root, "intel-rapl:0", "package-0-die-0", 0, RANGE);
	root_zone(&run->root, "intel-rapl:1", "package-0-die-1", 0, RANGE);
	root_zone(&run->root, "intel-rapl-tpmi:0", "package-0-die-2", 0, RANGE);
	run_open_and_start(run);
	root_energy(&run->root, "intel-rapl:0", 10);
	root_energy(&run->root, "intel-rapl:1", 200);
	root_energy(&run->root, "intel-rapl-tpmi:0", 3000);
	run_stop(run);
	assert_int_equal(run_uj(run, "package", 0), 210);
}

static void mmio_alone_is_enough(void **state)
{
	struct run *run = *state;

	root_zone(&run->root, "intel-rapl-mmio:0", "package-0", 0, RANGE);
	run_open_and_start(run);
	root_energy(&run->root, "intel-rapl-mmio:0", 42);
	run_stop(run);
	assert_int_equal(run->n_seen, 1);
	assert_int_equal(run_uj(run, "package", 0), 42);
}

static void counter_wraps_once_in_a_run(void **state)
{
	struct run *run = *state;

	root_zone(&run->root, "intel-rapl:0", "package-0", RANGE - 250000, RANGE);
	run_open_and_start(run);
	root_energy(&run->root, "intel-rapl:0", 750000);
	run_stop(run);
	/* A unit of 2^-14 J is 61 uJ. */
	assert_int_equal(run_uj(run, "package", 0), 1000000 + 61);
	assert_string_equal(run->report, "");
}

/*
 * The driver's file as the register moves from its largest value to 0: value x unit, in the
 * kernel's own whole nanojoules. What passes is one unit, whatever the unit.
 */
static void counter_wraps_one_unit_after_its_largest_value(void **state)
{
	static const uint64_t units_nj[] = {61035, 15258, 3814};
	struct run *run = *state;

	for (size_t i = 0; i < sizeof(units_nj) / sizeof(*units_nj); i++) {
		uint64_t max_uj = UINT32_MAX * units_nj[i] / 1000;

		root_zone(&run->root, "intel-rapl:0", "package-0", max_uj, max_uj);
		run_open_and_start(run);
		root_energy(&run->root, "intel-rapl:0", 0);
		run->n_seen = 0;
		run_stop(run);
		assert_in_range(run_uj(run, "package", 0), units_nj[i] / 1000,
		                units_nj[i] / 1000 + 1);
		assert_string_equal(run->report, "");
		rapl_source.close(run->source);
		run->source = NULL;
	}
}

/* The zones as the driver has them, without the links of sys/class. */
static void tree_of_devices_is_enough(void **state)
{
	static const char *const base = "sys/devices/virtual/powercap/intel-rapl/intel-rapl:0/";
	struct run *run = *state;
	char file[256];

	for (int i = 0; i < 2; i++) {
		const char *sub = i ? "intel-rapl:0:0/" : "";

		snprintf(file, sizeof(file), "%s%sname", base, sub);
		root_write(&run->root, file, i ? "dram\n" : "package-0\n");
		snprintf(file, sizeof(file), "%s%smax_energy_range_uj", base, sub);
		root_write(&run->root, file, "%" PRIu64 "\n", RANGE);
		snprintf(file, sizeof(file), "%s%senergy_uj", base, sub);
		root_write(&run->root, file, "5\n");
	}
	run_open_and_start(run);
	snprintf(file, sizeof(file), "%sintel-rapl:0:0/energy_uj", base);
	root_write(&run->root, file, "105\n");
	run_stop(run);
	assert_int_equal(run->n_seen, 2);
	assert_int_equal(run_uj(run, "package", 0), 0);
	assert_int_equal(run_uj(run, "dram", 0), 100);
}

/* sys/class/powercap as it is: links to every zone, which also contain each other. */
static void links_and_tree_together_count_once(void **state)
{
	struct run *run = *state;
	char target[512];

	root_zone(&run->root, "intel-rapl/intel-rapl:0", "package-0", 0, RANGE);
	root_zone(&run->root, "intel-rapl/intel-rapl:0/intel-rapl:0:0", "core", 0, RANGE);
	root_zone(&run->root, "intel-rapl/intel-rapl:0/intel-rapl:0:1", "mystery", 0, RANGE);
	strcpy(target, root_path(&run->root, POWERCAP "intel-rapl:0"));
	assert_int_equal(symlink("intel-rapl/intel-rapl:0", target), 0);
	strcpy(target, root_path(&run->root, POWERCAP "intel-rapl:0:0"));
	assert_int_equal(symlink("intel-rapl/intel-rapl:0/intel-rapl:0:0", target), 0);
	run_open_and_start(run);
	assert_non_null(strstr(run->said, "1 zone left out"));
	root_energy(&run->root, "intel-rapl/intel-rapl:0", 11);
	root_energy(&run->root, "intel-rapl/intel-rapl:0/intel-rapl:0:0", 12);
	run_stop(run);
	assert_int_equal(run->n_seen, 2);
	assert_int_equal(run_uj(run, "package", 0), 11);
	assert_int_equal(run_uj(run, "pp0", 0), 12);
}

/* Linux 6.9 to 6.11 on Zen 4: a zone for each core complex die, all of them the package's. */
static void amd_package_is_taken_once(void **state)
{
	struct run *run = *state;

	root_cpuinfo(&run->root, "AuthenticAMD", 0x19, 0x11, "fpu");
	root_zone(&run->root, "intel-rapl:0", "package-0-die-0", 0, DRAM_RANGE);
	root_zone(&run->root, "intel-rapl:1", "package-0-die-1", 0, DRAM_RANGE);
	root_zone(&run->root, "intel-rapl:2", "package-1-die-0", 0, DRAM_RANGE);
	run_open_and_start(run);
	root_energy(&run->root, "intel-rapl:0", 500);
	root_energy(&run->root, "intel-rapl:1", 500);
	root_energy(&run->root, "intel-rapl:2", 700);
	run_stop(run);
	assert_int_equal(run->n_seen, 2);
	assert_int_equal(run_uj(run, "package", 0), 500);
	assert_int_equal(run_uj(run, "package", 1), 700);
}

static void amd_core_zone_is_one_core_only(void **state)
{
	struct run *run = *state;

	root_cpuinfo(&run->root, "AuthenticAMD", 0x17, 0x31, "fpu");
	root_write(&run->root, "sys/devices/system/cpu/online", "0-3\n");
	root_cpu(&run->root, 0, 0, 0, "0,2");
	root_cpu(&run->root, 1, 0, 0, "1,3");
	root_cpu(&run->root, 2, 0, 0, "0,2");
	root_cpu(&run->root, 3, 0, 0, "1,3");
	root_zone(&run->root, "intel-rapl:0", "package-0", 0, DRAM_RANGE);
	root_zone(&run->root, "intel-rapl:0:0", "core", 0, DRAM_RANGE);
	log_set_level(LOG_INFO);
	run_open_and_start(run);
	log_set_level(LOG_WARN);
	assert_non_null(strstr(run->said, "one core only"));
	run_stop(run);
	assert_int_equal(run_rows(run, "package", 0, NULL), 1);
	assert_int_equal(run_rows(run, "pp0", 0, NULL), 0);
}

static void amd_core_zone_of_a_single_core_is_all_of_it(void **state)
{
	struct run *run = *state;

	root_cpuinfo(&run->root, "AuthenticAMD", 0x17, 0x31, "fpu");
	root_write(&run->root, "sys/devices/system/cpu/online", "0-1\n");
	root_cpu(&run->root, 0, 0, 0, "0-1");
	root_cpu(&run->root, 1, 0, 0, "0-1");
	root_zone(&run->root, "intel-rapl:0", "package-0", 0, DRAM_RANGE);
	root_zone(&run->root, "intel-rapl:0:0", "core", 0, DRAM_RANGE);
	run_open_and_start(run);
	root_energy(&run->root, "intel-rapl:0:0", 9);
	run_stop(run);
	assert_int_equal(run_uj(run, "pp0", 0), 9);
}

static void names_tell_domains(void **state)
{
	const struct rapl_id parent = {RAPL_PACKAGE, 1, 3};
	struct rapl_id id;

	assert_true(powercap_name_to_id("package-12", NULL, &id));
	assert_int_equal(id.package, 12);
	assert_int_equal(id.die, -1);
	assert_true(powercap_name_to_id("package-1-die-3", NULL, &id));
	assert_int_equal(id.die, 3);
	assert_true(powercap_name_to_id("dram", &parent, &id));
	assert_int_equal(id.kind, RAPL_DRAM);
	assert_int_equal(id.package, 1);
	assert_int_equal(id.die, 3);
	assert_false(powercap_name_to_id("dram", NULL, &id));
	assert_false(powercap_name_to_id("package-", NULL, &id));
	assert_false(powercap_name_to_id("package-1-die", NULL, &id));
	assert_false(powercap_name_to_id("package-1x", NULL, &id));
	assert_false(powercap_name_to_id("package--1", NULL, &id));
	assert_false(powercap_name_to_id("cores", &parent, &id));
	assert_false(powercap_name_to_id("", &parent, &id));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, run_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(client_with_all_domains),
		TEST(server_of_two_packages),
		TEST(dies_are_summed_into_their_package),
		TEST(dies_are_told_apart_on_demand),
		TEST(same_energy_is_never_taken_twice),
		TEST(dies_are_not_mixed_from_two_drivers),
		TEST(mmio_alone_is_enough),
		TEST(counter_wraps_once_in_a_run),
		TEST(counter_wraps_one_unit_after_its_largest_value),
		TEST(tree_of_devices_is_enough),
		TEST(links_and_tree_together_count_once),
		TEST(amd_package_is_taken_once),
		TEST(amd_core_zone_is_one_core_only),
		TEST(amd_core_zone_of_a_single_core_is_all_of_it),
		cmocka_unit_test(names_tell_domains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
