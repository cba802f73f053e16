/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Zones: what has energy counters of its own, a domain of a package or die, and what they showed. */
#ifndef ENERGY_ZONES_H
#define ENERGY_ZONES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alumet/point.h"
#include "transforms/energy/idle_power.h"

/* Parts of a zone's energy that no process has. */
enum energy_part {
	PART_IDLE,
	PART_OTHER,    /* of what is not of the traced tree */
	PART_GRAPHICS, /* of a package: its pp1 */
	ENERGY_PARTS,
};

const char *energy_part_name(enum energy_part part);

struct zone {
	enum energy_domain domain;
	int package, die; /* die -1: of the whole package */
	double counts_per_joule;
	uint64_t counts;                      /* in this interval */
	bool is_fresh;                        /* counts has been told, 0 too */
	uint64_t parts[ENERGY_PARTS];         /* since the last rows */
	uint64_t total, totals[ENERGY_PARTS]; /* of the run */
};

struct zones {
	struct zone *items;
	size_t n;
};

/*
 * The zone of a point of energy_counts or energy_counts_per_joule; made if it is not there. package:
 * that of the point's resource. NULL: the point is of a domain that is not attributed, or memory ran
 * out (*err is set).
 */
struct zone *zones_of_point(struct zones *zones, const struct point *point, int package, int *err);

/* The zone of another domain at the same place; NULL: none. */
struct zone *zones_find(const struct zones *zones, enum energy_domain domain, int package, int die);

/* The energy in joules. */
double zone_joules(const struct zone *zone, uint64_t counts);

/* Whether it is part of a process's energy: pp0 is in the package's. */
bool zone_is_summed(const struct zone *zone);

void zones_fini(struct zones *zones);

#endif
