/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The RAPL registers of each CPU model. For perf and powercap the kernel knows them; the MSR
 * backend needs its own table, and a register of an unknown model may mean anything.
 */
#ifndef SOURCES_RAPL_CPU_MODEL_H
#define SOURCES_RAPL_CPU_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "sources/rapl/domain.h"

/* The meaning of bits 12:8 of the unit register. */
enum rapl_unit_rule {
	UNIT_POWER_OF_HALF,  /* 1/2^n J */
	UNIT_MICROJOULE_EXP, /* 2^n µJ: Silvermont and Airmont */
};

struct rapl_cpu_model {
	uint32_t unit_register;
	uint32_t registers[RAPL_KINDS]; /* energy status of each domain; 0: the CPU has none */
	enum rapl_unit_rule unit_rule;
	bool dram_is_2_16;  /* DRAM counts 2^-16 J ("15.3 µJ"), whatever the unit register says */
	bool psys_is_joule; /* the platform counts whole joules */
	bool pp0_is_per_core; /* each core has its own pp0 register */
};

/*
 * Look up the CPU. Returns false if it is unknown: then nothing may be assumed.
 * vendor, family, model: as in /proc/cpuinfo.
 */
bool rapl_cpu_model_find(const char *vendor, int family, int model, struct rapl_cpu_model *found);

/*
 * Counts per joule of a domain, from the value of the unit register; 0 if that value is impossible
 * (the register reads 0 in virtual machines).
 */
double rapl_cpu_model_unit(const struct rapl_cpu_model *model, enum rapl_kind kind,
                           uint64_t unit_register);

#endif
