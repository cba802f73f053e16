/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The MSR backend on laid-out register files, through the source. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "unit/rapl_run.h"

/* Energy unit 14: 2^-14 J. */
#define UNITS_INTEL 0xa0e03

enum { UNIT = 0x606, PKG = 0x611, DRAM = 0x619, PP0 = 0x639, PP1 = 0x641, PSYS = 0x64d };
#define AMD_UNIT 0xc0010299
#define ZEN_UNIT 16 /* 2^-16 J */

/* Microjoules of so many counts of 2^-n J, rounded. */
static int64_t uj(uint64_t counts, int n)
{
	return (int64_t)((counts * 1000000 + (1ULL << (n - 1))) >> n);
}

static int set_up(void **state)
{
	return run_set_up(state, RAPL_MSR);
}

static void client_with_all_domains(void **state)
{
	struct run *run = *state;

	root_cpuinfo(&run->root, "GenuineIntel", 6, 0x8e, "fpu vme");
	root_write(&run->root, "sys/devices/system/cpu/online", "0-1\n");
	root_cpu(&run->root, 0, 0, 0, "0-1");
	root_cpu(&run->root, 1, 0, 0, "0-1");
	root_msr(&run->root, 0, UNIT, UNITS_INTEL);
	root_msr(&run->root, 0, PKG, 1000);
	root_msr(&run->root, 0, PP0, 2000);
	root_msr(&run->root, 0, PP1, 3000);
	root_msr(&run->root, 0, DRAM, 4000);
	root_msr(&run->root, 0, PSYS, 5000);
	run_open_and_start(run);
	assert_string_equal(run->said, "");
	root_msr(&run->root, 0, PKG, 1000 + 16384);
	root_msr(&run->root, 0, PP0, 2000 + 8192);
	root_msr(&run->root, 0, PP1, 3000 + 1);
	root_msr(&run->root, 0, DRAM, 4000 + 16384 * 3);
	root_msr(&run->root, 0, PSYS, 5000 + 16384 * 10);
	run_stop(run);
	assert_int_equal(run->n_seen, 5);
	assert_int_equal(run_uj(run, "package", 0), 1000000);
	assert_int_equal(run_uj(run, "pp0", 0), 500000);
	assert_int_equal(run_uj(run, "pp1", 0), 61);
	assert_int_equal(run_uj(run, "dram", 0), 3000000);
	assert_int_equal(run_uj(run, "platform", 0), 10000000);
	assert_string_equal(run->report, "");
}

static void lay_out_server(struct run *run, int model)
{
	root_cpuinfo(&run->root, "GenuineIntel", 6, model, "fpu");
	root_write(&run->root, "sys/devices/system/cpu/online", "0-3\n");
	for (int cpu = 0; cpu < 4; cpu++) {
		char siblings[32];

		snprintf(siblings, sizeof(siblings), "%d", cpu);
		root_cpu(&run->root, cpu, cpu % 2, 0, siblings);
	}
	for (int cpu = 0; cpu < 2; cpu++) {
		root_msr(&run->root, cpu, UNIT, UNITS_INTEL);
		root_msr(&run->root, cpu, PKG, 10);
		root_msr(&run->root, cpu, PP0, 10);
		root_msr(&run->root, cpu, DRAM, 10);
	}
}

static void server_counts_dram_in_its_own_unit(void **state)
{
	struct run *run = *state;

	lay_out_server(run, 0x55);
	run_open_and_start(run);
	root_msr(&run->root, 0, PKG, 10 + 16384);
	root_msr(&run->root, 1, PKG, 10 + 32768);
	root_msr(&run->root, 0, DRAM, 10 + 65536);
	root_msr(&run->root, 1, DRAM, 10 + 1);
	run_stop(run);
	assert_int_equal(run->n_seen, 6);
	assert_int_equal(run_uj(run, "package", 0), 1000000);
	assert_int_equal(run_uj(run, "package", 1), 2000000);
	assert_int_equal(run_uj(run, "dram", 0), 1000000);
	assert_int_equal(run_uj(run, "dram", 1), 15); /* 15.26 µJ */
	assert_int_equal(run_uj(run, "pp0", 0), 0);
}

static void sapphire_rapids_platform_counts_joules_once(void **state)
{
	struct run *run = *state;

	lay_out_server(run, 0x8f);
	root_msr(&run->root, 0, PSYS, 0);
	root_msr(&run->root, 1, PSYS, 0);
	run_open_and_start(run);
	root_msr(&run->root, 0, PSYS, 7);
	root_msr(&run->root, 1, PSYS, 7);
	run_stop(run);
	assert_int_equal(run_rows(run, "platform", 0, NULL), 1);
	assert_int_equal(run_uj(run, "platform", 0), 7000000);
}

static void register_wraps_at_32_bits(void **state)
{
	struct run *run = *state;

	lay_out_server(run, 0x3f);
	/* The upper half is reserved: what stands there is not counted. */
	root_msr(&run->root, 0, PKG, 0xdeadbeeffffffff0);
	run_open_and_start(run);
	root_msr(&run->root, 0, PKG, 0x10);
	run_stop(run);
	assert_int_equal(run_uj(run, "package", 0), uj(0x20, 14));
	assert_string_equal(run->report, "");
}

static void dies_have_registers_of_their_own(void **state)
{
	struct run *run = *state;

	root_cpuinfo(&run->root, "GenuineIntel", 6, 0x55, "fpu"); /* Cascade Lake AP */
	root_write(&run->root, "sys/devices/system/cpu/online", "0-3\n");
	for (int cpu = 0; cpu < 4; cpu++) {
		root_cpu(&run->root, cpu, cpu / 2, cpu % 2, NULL);
		root_msr(&run->root, cpu, UNIT, UNITS_INTEL);
		root_msr(&run->root, cpu, PKG, 1);
	}
	run->settings.per_die = true;
	run_open_and_start(run);
	for (int cpu = 0; cpu < 4; cpu++)
		root_msr(&run->root, cpu, PKG, 1 + (uint64_t)(cpu + 1) * 16384);
	run_stop(run);
	assert_int_equal(run_die_uj(run, "package", 0, "0"), 1000000);
	assert_int_equal(run_die_uj(run, "package", 0, "1"), 2000000);
	assert_int_equal(run_die_uj(run, "package", 1, "0"), 3000000);
	assert_int_equal(run_die_uj(run, "package", 1, "1"), 4000000);
}

/*
 * Zen's three registers are neighbours, so that in a regular file they lie over one another, one
 * byte apart: bits 8 to 12 of the first are the energy unit, the third is the package's counter,
 * and the second, the core's, is 256 times the package's, plus the unit.
 */
static void zen_msr(struct run *run, int cpu, uint32_t package_count)
{
	root_msr(&run->root, cpu, AMD_UNIT, (uint64_t)package_count << 16 | ZEN_UNIT << 8);
	root_msr(&run->root, cpu, AMD_UNIT + 8, 0); /* the file must not end within the third */
}

static void lay_out_zen(struct run *run)
{
	root_cpuinfo(&run->root, "AuthenticAMD", 0x19, 0x11, "fpu rapl");
	root_write(&run->root, "sys/devices/system/cpu/online", "0-7\n");
	for (int cpu = 0; cpu < 8; cpu++) {
		char siblings[32];

		/* Two packages of two cores of two threads; each core a die of its own. */
		snprintf(siblings, sizeof(siblings), "%d,%d", cpu % 4, cpu % 4 + 4);
		root_cpu(&run->root, cpu, cpu % 4 / 2, cpu % 2, siblings);
		zen_msr(run, cpu, 5);
	}
}

static void zen_cores_are_summed_once_each(void **state)
{
	struct run *run = *state;

	lay_out_zen(run);
	run_open_and_start(run);
	assert_string_equal(run->said, "");
	/* By 1, 2, 4, 8 times 2^16 counts, which is a joule of a package and 256 J of a core. */
	for (int cpu = 0; cpu < 8; cpu++)
		zen_msr(run, cpu, 5 + (65536u << (cpu % 4)));
	run_stop(run);
	assert_int_equal(run->n_seen, 4);
	assert_int_equal(run_uj(run, "package", 0), 1000000);       /* CPU 0 */
	assert_int_equal(run_uj(run, "package", 1), 4000000);       /* CPU 2 */
	assert_int_equal(run_uj(run, "pp0", 0), 256 * 3000000);     /* CPUs 0 and 1 */
	assert_int_equal(run_uj(run, "pp0", 1), 256 * 12000000ULL); /* CPUs 2 and 3 */
}

/* /dev/cpu of a container without sysfs: /proc/cpuinfo has the topology too. */
static void cpuinfo_is_enough_for_the_topology(void **state)
{
	struct run *run = *state;

	root_write(&run->root, "proc/cpuinfo",
	           "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 63\n"
	           "physical id\t: 0\ncore id\t\t: 0\n\n"
	           "processor\t: 1\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 63\n"
	           "physical id\t: 1\ncore id\t\t: 0\n\n");
	for (int cpu = 0; cpu < 2; cpu++) {
		root_msr(&run->root, cpu, UNIT, UNITS_INTEL);
		root_msr(&run->root, cpu, PKG, 1);
	}
	run_open_and_start(run);
	root_msr(&run->root, 1, PKG, 16385);
	run_stop(run);
	assert_int_equal(run->n_seen, 2);
	assert_int_equal(run_uj(run, "package", 0), 0);
	assert_int_equal(run_uj(run, "package", 1), 1000000);
}

static void absent_registers_make_no_rows(void **state)
{
	struct run *run = *state;

	root_cpuinfo(&run->root, "GenuineIntel", 6, 0x5e, "fpu");
	root_msr(&run->root, 0, UNIT, UNITS_INTEL);
	root_msr(&run->root, 0, PKG, 100); /* the file ends before 0x619 */
	run_open_and_start(run);
	assert_string_equal(run->said, "");
	run_stop(run);
	assert_int_equal(run->n_seen, 1);
	assert_int_equal(run_uj(run, "package", 0), 0);
}

static void registers_that_read_zero_make_no_rows(void **state)
{
	struct run *run = *state;

	root_cpuinfo(&run->root, "GenuineIntel", 6, 0x5e, "fpu");
	root_msr(&run->root, 0, UNIT, UNITS_INTEL);
	root_msr(&run->root, 0, PKG, 100);
	root_msr(&run->root, 0, PSYS, 0); /* and 0 in all that lie between */
	run_open_and_start(run);
	root_msr(&run->root, 0, PP1, 16384);
	run_stop(run);
	assert_int_equal(run->n_seen, 1);
	assert_int_equal(run_uj(run, "package", 0), 0);
}

static void unknown_model_is_refused_by_name(void **state)
{
	struct run *run = *state;

	root_cpuinfo(&run->root, "GenuineIntel", 6, 254, "fpu");
	root_msr(&run->root, 0, UNIT, UNITS_INTEL);
	root_msr(&run->root, 0, PKG, 100);
	assert_int_equal(run_open(run), -EOPNOTSUPP);
	assert_non_null(strstr(run->said, "GenuineIntel family 6 (0x6) model 254 (0xfe)"));
}

static void no_device_names_the_module(void **state)
{
	struct run *run = *state;

	root_cpuinfo(&run->root, "GenuineIntel", 6, 0x5e, "fpu");
	assert_int_equal(run_open(run), -ENXIO);
	assert_non_null(strstr(run->said, "modprobe msr"));
}

static void unit_register_of_zero_is_a_virtual_machine(void **state)
{
	struct run *run = *state;

	root_cpuinfo(&run->root, "GenuineIntel", 6, 0x5e, "fpu");
	root_msr(&run->root, 0, UNIT, 0);
	root_msr(&run->root, 0, PKG, 0);
	assert_int_equal(run_open(run), -EIO);
	assert_non_null(strstr(run->said, "reads 0: this is a virtual machine"));
}

static void counters_at_zero_in_a_virtual_machine_are_none(void **state)
{
	struct run *run = *state;

	root_cpuinfo(&run->root, "GenuineIntel", 6, 0x5e, "fpu hypervisor sse");
	root_msr(&run->root, 0, UNIT, UNITS_INTEL);
	root_msr(&run->root, 0, PKG, 0);
	assert_int_equal(run_open(run), -EIO);
	assert_non_null(strstr(run->said, "virtual machine"));
}

static void permission_is_named_with_its_fix(void **state)
{
	struct run *run = *state;

	skip_unless_root();
	root_cpuinfo(&run->root, "GenuineIntel", 6, 0x5e, "fpu");
	root_msr(&run->root, 0, UNIT, UNITS_INTEL);
	assert_int_equal(run_open_as_nobody(run), -EACCES);
	assert_non_null(strstr(run->said, "CAP_SYS_RAWIO"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, run_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(client_with_all_domains),
		TEST(server_counts_dram_in_its_own_unit),
		TEST(sapphire_rapids_platform_counts_joules_once),
		TEST(register_wraps_at_32_bits),
		TEST(dies_have_registers_of_their_own),
		TEST(zen_cores_are_summed_once_each),
		TEST(cpuinfo_is_enough_for_the_topology),
		TEST(absent_registers_make_no_rows),
		TEST(registers_that_read_zero_make_no_rows),
		TEST(unknown_model_is_refused_by_name),
		TEST(no_device_names_the_module),
		TEST(unit_register_of_zero_is_a_virtual_machine),
		TEST(counters_at_zero_in_a_virtual_machine_are_none),
		TEST(permission_is_named_with_its_fix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
