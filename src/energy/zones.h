/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A zone is a domain of a package or die that has an energy counter, with the energy counted there.
 */
#ifndef ENERGY_ZONES_H
#define ENERGY_ZONES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alumet/point.h"
#include "energy/idle_power.h"
#include "linux/topology.h"

/* Parts of a zone's energy that are not distributed to processes. */
enum energy_part {
	PART_IDLE,
	PART_OTHER,    /* of everything outside the traced tree */
	PART_GRAPHICS, /* of a package: its domain pp1 */
	ENERGY_PARTS,
};

const char *energy_part_name(enum energy_part part);

struct zone {
	enum energy_domain domain;
	int package, die; /* die -1: of the whole package */
	double counts_per_joule;
	uint64_t counts;                      /* in this interval */
	uint64_t parts[ENERGY_PARTS];         /* since rows were last written */
	uint64_t total, totals[ENERGY_PARTS]; /* of the run */
};

struct zones {
	struct zone *items;
	size_t n;
};

/*
 * Find the zone of a point of energy_counts or energy_counts_per_joule, or create it. topology
 * tells the packages of cores that have counters of their own. Returns NULL if the energy of the
 * point's domain is not distributed to processes, or if memory ran out (*err is set).
 */
struct zone *zones_of_point(struct zones *zones, const struct point *point,
                            const struct topology *topology, int *err);

/* The zone of this domain, package and die; NULL: there is none. */
struct zone *zones_find(const struct zones *zones, enum energy_domain domain, int package, int die);

/* Convert counts to joules. */
double zone_joules(const struct zone *zone, uint64_t counts);

/* Whether it is added to a process's energy: pp0 is not, as the package's energy includes it. */
bool zone_is_summed(const struct zone *zone);

void zones_fini(struct zones *zones);

#endif
