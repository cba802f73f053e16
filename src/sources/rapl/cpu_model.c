/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sources. Registers and units: Intel SDM volume 3B, section "Platform-specific power management
 * support", and volume 4, tables of each family; AMD, "Processor Programming Reference" of families
 * 17h, 19h and 1Ah, MSRC001_0299 to MSRC001_029B. Which model has which domain, and the exceptions:
 * the kernel's arch/x86/events/rapl.c and drivers/powercap/intel_rapl_common.c.
 */
#include "sources/rapl/cpu_model.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define MSR_RAPL_POWER_UNIT 0x606
#define MSR_PKG_ENERGY_STATUS 0x611
#define MSR_DRAM_ENERGY_STATUS 0x619
#define MSR_PP0_ENERGY_STATUS 0x639
#define MSR_PP1_ENERGY_STATUS 0x641
#define MSR_PLATFORM_ENERGY_STATUS 0x64d

#define MSR_AMD_RAPL_POWER_UNIT 0xc0010299
#define MSR_AMD_CORE_ENERGY_STATUS 0xc001029a
#define MSR_AMD_PKG_ENERGY_STATUS 0xc001029b

/* Bits 12:8 of the unit register. */
#define ENERGY_UNIT(value) ((unsigned int)((value) >> 8) & 0x1f)

/* Models with the same domains and units. */
enum model_class {
	CLIENT_2011,    /* Sandy and Ivy Bridge */
	SERVER_2011,    /* the same, servers */
	CLIENT_2013,    /* Haswell to Broadwell, and Goldmont: with dram */
	SERVER_2013,    /* Haswell to Ice Lake servers: dram of 2^-16 J */
	CLIENT_2015,    /* Skylake and later: with the platform */
	SERVER_2023,    /* Sapphire and Emerald Rapids: the platform in joules */
	MANYCORE_2016,  /* Xeon Phi */
	LOW_POWER_2013, /* Silvermont, Airmont: units of their own */
	LOW_POWER_2020, /* Tremont */
};

#define INTEL(...)                                                                                 \
	{                                                                                          \
		.unit_register = MSR_RAPL_POWER_UNIT,                                              \
		.registers[RAPL_PACKAGE] = MSR_PKG_ENERGY_STATUS, __VA_ARGS__                      \
	}
#define PP0 .registers[RAPL_PP0] = MSR_PP0_ENERGY_STATUS
#define PP1 .registers[RAPL_PP1] = MSR_PP1_ENERGY_STATUS
#define DRAM .registers[RAPL_DRAM] = MSR_DRAM_ENERGY_STATUS
#define PSYS .registers[RAPL_PLATFORM] = MSR_PLATFORM_ENERGY_STATUS

static const struct rapl_cpu_model intel_classes[] = {
	[CLIENT_2011] = INTEL(PP0, PP1),
	[SERVER_2011] = INTEL(PP0, DRAM),
	[CLIENT_2013] = INTEL(PP0, PP1, DRAM),
	[SERVER_2013] = INTEL(PP0, DRAM, .dram_is_2_16 = true),
	[CLIENT_2015] = INTEL(PP0, PP1, DRAM, PSYS),
	[SERVER_2023] = INTEL(PP0, DRAM, PSYS, .psys_is_joule = true),
	[MANYCORE_2016] = INTEL(DRAM, .dram_is_2_16 = true),
	[LOW_POWER_2013] = INTEL(PP0, .unit_rule = UNIT_MICROJOULE_EXP),
	[LOW_POWER_2020] = INTEL(PP0, PP1, DRAM),
};

/* Zen: one register for each core, and one for the package. */
static const struct rapl_cpu_model amd_zen = {
	.unit_register = MSR_AMD_RAPL_POWER_UNIT,
	.registers[RAPL_PACKAGE] = MSR_AMD_PKG_ENERGY_STATUS,
	.registers[RAPL_PP0] = MSR_AMD_CORE_ENERGY_STATUS,
	.pp0_is_per_core = true,
};

/* Models of Intel's family 6, numbers as in the kernel's asm/intel-family.h. */
static const struct {
	unsigned char model;
	unsigned char model_class;
} intel_models[] = {
	{0x2a, CLIENT_2011},    /* Sandy Bridge */
	{0x2d, SERVER_2011},    /* Sandy Bridge server */
	{0x3a, CLIENT_2011},    /* Ivy Bridge */
	{0x3e, SERVER_2011},    /* Ivy Bridge server */
	{0x3c, CLIENT_2013},    /* Haswell */
	{0x45, CLIENT_2013},    /* Haswell low power */
	{0x46, CLIENT_2013},    /* Haswell with large graphics */
	{0x3f, SERVER_2013},    /* Haswell server */
	{0x3d, CLIENT_2013},    /* Broadwell */
	{0x47, CLIENT_2013},    /* Broadwell with large graphics */
	{0x4f, SERVER_2013},    /* Broadwell server */
	{0x56, SERVER_2013},    /* Broadwell D */
	{0x4e, CLIENT_2015},    /* Skylake low power */
	{0x5e, CLIENT_2015},    /* Skylake */
	{0x55, SERVER_2013},    /* Skylake, Cascade Lake, Cooper Lake servers */
	{0x8e, CLIENT_2015},    /* Kaby Lake low power, Amber, Whiskey, Coffee Lake U */
	{0x9e, CLIENT_2015},    /* Kaby Lake, Coffee Lake */
	{0x66, CLIENT_2015},    /* Cannon Lake */
	{0xa5, CLIENT_2015},    /* Comet Lake */
	{0xa6, CLIENT_2015},    /* Comet Lake low power */
	{0x6a, SERVER_2013},    /* Ice Lake server */
	{0x6c, SERVER_2013},    /* Ice Lake D */
	{0x7d, CLIENT_2015},    /* Ice Lake */
	{0x7e, CLIENT_2015},    /* Ice Lake low power */
	{0x8a, CLIENT_2015},    /* Lakefield */
	{0xa7, CLIENT_2015},    /* Rocket Lake */
	{0x8c, CLIENT_2015},    /* Tiger Lake low power */
	{0x8d, CLIENT_2015},    /* Tiger Lake */
	{0x8f, SERVER_2023},    /* Sapphire Rapids */
	{0xcf, SERVER_2023},    /* Emerald Rapids */
	{0x97, CLIENT_2015},    /* Alder Lake */
	{0x9a, CLIENT_2015},    /* Alder Lake low power */
	{0xbe, CLIENT_2015},    /* Alder Lake N (Gracemont) */
	{0xb7, CLIENT_2015},    /* Raptor Lake */
	{0xba, CLIENT_2015},    /* Raptor Lake P */
	{0xbf, CLIENT_2015},    /* Raptor Lake S */
	{0xaa, CLIENT_2015},    /* Meteor Lake low power */
	{0xac, CLIENT_2015},    /* Meteor Lake */
	{0xb5, CLIENT_2015},    /* Arrow Lake U */
	{0xc5, CLIENT_2015},    /* Arrow Lake H */
	{0xc6, CLIENT_2015},    /* Arrow Lake */
	{0xbd, CLIENT_2015},    /* Lunar Lake */
	{0xcc, CLIENT_2015},    /* Panther Lake */
	{0x57, MANYCORE_2016},  /* Knights Landing */
	{0x85, MANYCORE_2016},  /* Knights Mill */
	{0x37, LOW_POWER_2013}, /* Bay Trail (Silvermont) */
	{0x4a, LOW_POWER_2013}, /* Merrifield (Silvermont) */
	{0x5a, LOW_POWER_2013}, /* Moorefield (Silvermont) */
	{0x4c, LOW_POWER_2013}, /* Cherry Trail, Braswell (Airmont) */
	{0x5c, CLIENT_2013},    /* Apollo Lake (Goldmont) */
	{0x5f, CLIENT_2013},    /* Denverton (Goldmont) */
	{0x7a, CLIENT_2013},    /* Gemini Lake (Goldmont Plus) */
	{0x86, LOW_POWER_2020}, /* Jacobsville (Tremont) */
	{0x96, LOW_POWER_2020}, /* Elkhart Lake (Tremont) */
	{0x9c, LOW_POWER_2020}, /* Jasper Lake (Tremont) */
};

bool rapl_cpu_model_find(const char *vendor, int family, int model, struct rapl_cpu_model *found)
{
	if (strcmp(vendor, "AuthenticAMD") == 0 || strcmp(vendor, "HygonGenuine") == 0) {
		/* Zen 1 and 2, Hygon Dhyana, Zen 3 and 4, Zen 5. */
		*found = amd_zen;
		return family == 0x17 || family == 0x18 || family == 0x19 || family == 0x1a;
	}
	if (strcmp(vendor, "GenuineIntel") != 0 || family != 6)
		return false;
	for (size_t i = 0; i < sizeof(intel_models) / sizeof(*intel_models); i++) {
		if (intel_models[i].model == model) {
			*found = intel_classes[intel_models[i].model_class];
			return true;
		}
	}
	return false;
}

double rapl_cpu_model_unit(const struct rapl_cpu_model *model, enum rapl_kind kind,
                           uint64_t unit_register)
{
	unsigned int n = ENERGY_UNIT(unit_register);

	if (unit_register == 0)
		return 0;
	/*
	 * "15.3 µJ" in Intel's documents is 2^-16 J rounded, as their "61 µJ" is 2^-14 J. Powercap
	 * takes 15.3 literally, perf 2^-16: the two differ by 0.27 %.
	 */
	if (kind == RAPL_DRAM && model->dram_is_2_16)
		return ldexp(1.0, 16);
	if (kind == RAPL_PLATFORM && model->psys_is_joule)
		return 1.0;
	return model->unit_rule == UNIT_MICROJOULE_EXP ? 1e6 / ldexp(1.0, (int)n)
	                                               : ldexp(1.0, (int)n);
}
