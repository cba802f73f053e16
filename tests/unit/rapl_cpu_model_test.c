/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "sources/rapl/cpu_model.h"

/* 0xA0E03: power 1/8 W, energy 2^-14 J, time 2^-10 s, as Intel parts have had since 2015. */
#define UNITS_INTEL 0xa0e03

static struct rapl_cpu_model found(const char *vendor, int family, int model)
{
	struct rapl_cpu_model entry;

	assert_true(rapl_cpu_model_find(vendor, family, model, &entry));
	return entry;
}

static void client_has_graphics_and_platform(void **state)
{
	struct rapl_cpu_model skylake = found("GenuineIntel", 6, 0x5e);

	assert_int_equal(skylake.unit_register, 0x606);
	assert_int_equal(skylake.registers[RAPL_PACKAGE], 0x611);
	assert_int_equal(skylake.registers[RAPL_PP0], 0x639);
	assert_int_equal(skylake.registers[RAPL_PP1], 0x641);
	assert_int_equal(skylake.registers[RAPL_DRAM], 0x619);
	assert_int_equal(skylake.registers[RAPL_PLATFORM], 0x64d);
	assert_true(rapl_cpu_model_unit(&skylake, RAPL_DRAM, UNITS_INTEL) == 16384.0);
}

static void sandy_bridge_client_has_no_dram(void **state)
{
	struct rapl_cpu_model model = found("GenuineIntel", 6, 0x2a);

	assert_int_equal(model.registers[RAPL_DRAM], 0);
	assert_int_equal(model.registers[RAPL_PLATFORM], 0);
	assert_int_equal(model.registers[RAPL_PP1], 0x641);
}

static void server_dram_is_15_3_microjoule(void **state)
{
	static const int servers[] = {0x3f, 0x4f, 0x56, 0x55, 0x6a, 0x6c, 0x57, 0x85};

	for (size_t i = 0; i < sizeof(servers) / sizeof(*servers); i++) {
		struct rapl_cpu_model model = found("GenuineIntel", 6, servers[i]);

		assert_true(rapl_cpu_model_unit(&model, RAPL_DRAM, UNITS_INTEL) == 65536.0);
		assert_true(rapl_cpu_model_unit(&model, RAPL_PACKAGE, UNITS_INTEL) == 16384.0);
		assert_int_equal(model.registers[RAPL_PP1], 0);
	}
}

static void sapphire_rapids_platform_counts_joules(void **state)
{
	struct rapl_cpu_model model = found("GenuineIntel", 6, 0x8f);

	assert_true(rapl_cpu_model_unit(&model, RAPL_PLATFORM, UNITS_INTEL) == 1.0);
	assert_true(rapl_cpu_model_unit(&model, RAPL_DRAM, UNITS_INTEL) == 16384.0);
}

/* Energy status unit 5: 2^5 µJ. */
static void silvermont_unit_is_a_multiple_of_a_microjoule(void **state)
{
	struct rapl_cpu_model model = found("GenuineIntel", 6, 0x37);

	assert_true(rapl_cpu_model_unit(&model, RAPL_PACKAGE, 0x00000505) == 31250.0);
}

static void zen_has_its_own_registers(void **state)
{
	static const int families[] = {0x17, 0x19, 0x1a};

	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++) {
		struct rapl_cpu_model model = found("AuthenticAMD", families[i], 1);

		assert_int_equal(model.unit_register, 0xc0010299);
		assert_int_equal(model.registers[RAPL_PACKAGE], 0xc001029b);
		assert_int_equal(model.registers[RAPL_PP0], 0xc001029a);
		assert_true(model.pp0_is_per_core);
		assert_true(rapl_cpu_model_unit(&model, RAPL_PACKAGE, 0xa1000) == 65536.0);
	}
	found("HygonGenuine", 0x18, 0);
}

static void what_is_not_known_is_not_guessed(void **state)
{
	struct rapl_cpu_model model;

	assert_false(rapl_cpu_model_find("GenuineIntel", 6, 0x1a, &model)); /* Nehalem */
	assert_false(rapl_cpu_model_find("GenuineIntel", 15, 0x5e, &model));
	assert_false(rapl_cpu_model_find("GenuineIntel", 6, 0xff, &model));
	assert_false(rapl_cpu_model_find("GenuineIntel", 6, -1, &model));
	assert_false(rapl_cpu_model_find("AuthenticAMD", 0x15, 0x5e, &model));
	assert_false(rapl_cpu_model_find("CentaurHauls", 7, 0, &model));
	assert_false(rapl_cpu_model_find("", -1, -1, &model));
}

static void unit_register_of_zero_is_no_unit(void **state)
{
	struct rapl_cpu_model model = found("GenuineIntel", 6, 0x5e);

	assert_true(rapl_cpu_model_unit(&model, RAPL_PACKAGE, 0) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(client_has_graphics_and_platform),
		cmocka_unit_test(sandy_bridge_client_has_no_dram),
		cmocka_unit_test(server_dram_is_15_3_microjoule),
		cmocka_unit_test(sapphire_rapids_platform_counts_joules),
		cmocka_unit_test(silvermont_unit_is_a_multiple_of_a_microjoule),
		cmocka_unit_test(zen_has_its_own_registers),
		cmocka_unit_test(what_is_not_known_is_not_guessed),
		cmocka_unit_test(unit_register_of_zero_is_no_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
