/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which CPU it is and where each one sits, from files as kernels write them, and damaged ones. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>

#include "sources/rapl/places.h"
#include "unit/rapl_root.h"

struct laid_out {
	struct root root;
	struct rapl_machine machine;
};

static int set_up(void **state)
{
	struct laid_out *laid_out = calloc(1, sizeof(*laid_out));

	root_make(&laid_out->root);
	*state = laid_out;
	return rapl_machine_open(&laid_out->machine, laid_out->root.path);
}

static int tear_down(void **state)
{
	struct laid_out *laid_out = *state;

	rapl_machine_close(&laid_out->machine);
	root_remove(&laid_out->root);
	free(laid_out);
	return 0;
}

static struct rapl_machine *reopen(struct laid_out *laid_out)
{
	rapl_machine_close(&laid_out->machine);
	assert_int_equal(rapl_machine_open(&laid_out->machine, laid_out->root.path), 0);
	return &laid_out->machine;
}

static void numbers_are_whole_or_nothing(void **state)
{
	static const char *const wrong[] = {"",    " 1", "-1",   "+1",
	                                    "1 ",  "0x", "0xg",  "1e9",
	                                    "abc", "ff", "1\n2", "18446744073709551616"};
	uint64_t value;

	assert_int_equal(sysfs_parse_u64("18446744073709551615", &value), 0);
	assert_true(value == UINT64_MAX);
	assert_int_equal(sysfs_parse_u64("0x1F", &value), 0);
	assert_int_equal(value, 31);
	assert_int_equal(sysfs_parse_u64("010", &value), 0);
	assert_int_equal(value, 10);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(sysfs_parse_u64(wrong[i], &value), -EBADMSG);
}

static void cpu_is_identified(void **state)
{
	struct laid_out *laid_out = *state;
	struct rapl_machine *machine;

	root_cpuinfo(&laid_out->root, "GenuineIntel", 6, 143, "fpu hypervisor sse2");
	machine = reopen(laid_out);
	assert_string_equal(machine->vendor, "GenuineIntel");
	assert_int_equal(machine->family, 6);
	assert_int_equal(machine->model, 143); /* not the line "model name" */
	assert_true(machine->hypervisor);
	assert_false(rapl_machine_counts_per_package(machine));
	root_cpuinfo(&laid_out->root, "AuthenticAMD", 25, 1,
	             "fpu hyper hypervisor_like not_hypervisor");
	machine = reopen(laid_out);
	assert_false(machine->hypervisor);
	assert_true(rapl_machine_counts_per_package(machine));
}

/* arm64 has neither vendor_id nor model. */
static void other_architectures_are_not_known(void **state)
{
	struct laid_out *laid_out = *state;
	const struct rapl_machine *machine;

	root_write(&laid_out->root, "proc/cpuinfo",
	           "processor\t: 0\nBogoMIPS\t: 50.00\nFeatures\t: fp asimd\n"
	           "CPU implementer\t: 0x41\nCPU part\t: 0xd0c\n\n");
	machine = reopen(laid_out);
	assert_string_equal(machine->vendor, "");
	assert_int_equal(machine->family, -1);
	assert_int_equal(machine->model, -1);
}

static void topology_of_sysfs_comes_first(void **state)
{
	struct laid_out *laid_out = *state;
	struct cpu_location location;

	root_cpu(&laid_out->root, 65, 1, 3, "1,65");
	assert_int_equal(rapl_machine_locate(&laid_out->machine, 65, &location), 0);
	assert_int_equal(location.package, 1);
	assert_int_equal(location.die, 3);
	assert_int_equal(location.core, 1);
}

static void topology_can_be_unknown(void **state)
{
	struct laid_out *laid_out = *state;
	struct cpu_location location;

	assert_int_equal(rapl_machine_locate(&laid_out->machine, 0, &location), -ENOENT);
	/* What ARM boards without the information say. */
	root_write(&laid_out->root, "sys/devices/system/cpu/cpu0/topology/physical_package_id",
	           "-1\n");
	assert_int_equal(rapl_machine_locate(&laid_out->machine, 0, &location), -ENOENT);
}

static void cpuinfo_has_the_topology_of_each_cpu(void **state)
{
	struct laid_out *laid_out = *state;
	struct cpu_location location;
	struct cpu_list online;
	char text[4096] = "";

	for (int cpu = 0; cpu < 4; cpu++)
		sprintf(text + strlen(text),
		        "processor\t: %d\nphysical id\t: %d\ncore id\t\t: %d\npower management:\n\n",
		        cpu * 2, cpu / 2, cpu % 2);
	root_write(&laid_out->root, "proc/cpuinfo", "%s", text);
	assert_int_equal(rapl_machine_locate(&laid_out->machine, 6, &location), 0);
	assert_int_equal(location.package, 1);
	assert_int_equal(location.core, 1);
	assert_int_equal(rapl_machine_locate(&laid_out->machine, 1, &location), -ENOENT);
	assert_int_equal(rapl_machine_online(&laid_out->machine, &online), 0);
	assert_int_equal(online.n, 4);
	assert_int_equal(online.cpus[3], 6);
	cpu_list_free(&online);
}

static void nothing_there_is_nothing_online(void **state)
{
	struct laid_out *laid_out = *state;
	struct cpu_list online;

	assert_int_equal(rapl_machine_online(&laid_out->machine, &online), -ENOENT);
}

static void places_are_one_for_each_package_and_die(void **state)
{
	static uint32_t numbers[] = {0, 1, 2, 3, 4, 5, 6, 7};
	const struct cpu_list cpus = {numbers, 8};
	struct laid_out *laid_out = *state;
	struct rapl_place *places;

	/* Package 0 of two dies, package 1 of one; two threads of each core, two cores of a die. */
	for (int cpu = 0; cpu < 8; cpu++) {
		char siblings[32];

		snprintf(siblings, sizeof(siblings), "%d-%d", cpu & ~1, cpu | 1);
		root_cpu(&laid_out->root, cpu, cpu >= 4, cpu >= 2 && cpu < 4, siblings);
	}
	assert_int_equal(rapl_places_find(&laid_out->machine, &cpus, PLACES_OF_PACKAGES, &places),
	                 3);
	assert_int_equal(places[0].cpu, 0);
	assert_int_equal(places[0].die, 0);
	assert_int_equal(places[1].cpu, 2);
	assert_int_equal(places[1].die, 1);
	assert_int_equal(places[2].cpu, 4);
	assert_int_equal(places[2].package, 1);
	assert_int_equal(places[2].die, -1);
	free(places);
	assert_int_equal(rapl_places_find(&laid_out->machine, &cpus, PLACES_OF_CORES, &places), 4);
	free(places);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_whole_or_nothing),
		TEST(cpu_is_identified),
		TEST(other_architectures_are_not_known),
		TEST(topology_of_sysfs_comes_first),
		TEST(topology_can_be_unknown),
		TEST(cpuinfo_has_the_topology_of_each_cpu),
		TEST(nothing_there_is_nothing_online),
		TEST(places_are_one_for_each_package_and_die),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
