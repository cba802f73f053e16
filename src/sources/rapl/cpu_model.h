/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The RAPL registers of each CPU model. For perf and powercap the kernel knows them; who reads
 * MSRs has to know them himself, and a register of an unknown model may mean anything.
 */
#ifndef RAPL_CPU_MODEL_H
#define RAPL_CPU_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "sources/rapl/domain.h"

/* How bits 12:8 of the unit register are to be read. */
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
	bool pp0_is_per_core; /* the pp0 register is each core's own */
};

/*
 * Look the CPU up. Returns false when it is not known: then nothing may be assumed.
 * vendor, family, model: as /proc/cpuinfo has them.
 */
bool rapl_cpu_model_find(const char *vendor, int family, int model, struct rapl_cpu_model *found);

/*
 * Counts per joule of a domain by the value of the unit register, or 0 when that value cannot be
 * (the register reads 0 in virtual machines).
 */
double rapl_cpu_model_unit(const struct rapl_cpu_model *model, enum rapl_kind kind,
                           uint64_t unit_register);

#endif
