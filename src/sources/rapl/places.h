/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The CPUs on which energy counters are read, and the package, die or core that each represents. */
#ifndef SOURCES_RAPL_PLACES_H
#define SOURCES_RAPL_PLACES_H

#include "sources/rapl/machine.h"

struct rapl_place {
	uint32_t cpu;
	int package;
	int die; /* -1: the package has one counter for all its dies */
	int core;
};

enum rapl_places {
	/*
	 * One for each package, or die with its own counter, in a PMU's cpumask. If the topology is
	 * unknown, each CPU represents a package, because the mask has one CPU for each.
	 */
	PLACES_OF_MASK,
	/* The same for any CPUs; those of unknown topology are taken for one package. */
	PLACES_OF_PACKAGES,
	/* One for each core. */
	PLACES_OF_CORES,
};

/* Find the first CPU of each place. Returns their number, with *places for free(), or -ENOMEM. */
int rapl_places_find(struct rapl_machine *machine, const struct cpu_list *cpus,
                     enum rapl_places which, struct rapl_place **places);

#endif
