/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which CPUs to read energy counters on, and what each of them then stands for. */
#ifndef RAPL_PLACES_H
#define RAPL_PLACES_H

#include "sources/rapl/machine.h"

struct rapl_place {
	uint32_t cpu;
	int package;
	int die; /* -1 where it is the only one of its package that counts */
	int core;
};

enum rapl_places {
	/*
	 * One for each package, or die that counts on its own, of a PMU's cpumask. Where the
	 * topology is not known, each CPU is taken for a package: that is what the mask is for.
	 */
	PLACES_OF_MASK,
	/* The same of any CPUs; those without a known topology are taken for one package. */
	PLACES_OF_PACKAGES,
	/* One for each core. */
	PLACES_OF_CORES,
};

/*
 * The first of the CPUs for each place. Returns how many; *places is for free(). -ENOMEM.
 */
int rapl_places_find(struct rapl_machine *machine, const struct cpu_list *cpus,
                     enum rapl_places which, struct rapl_place **places);

#endif
