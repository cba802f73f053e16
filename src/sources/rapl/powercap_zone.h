/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The RAPL zones of the powercap framework (Documentation/power/powercap/powercap.rst). Three
 * drivers can register them, each as a control type: intel-rapl (MSR, also on AMD),
 * intel-rapl-tpmi, intel-rapl-mmio. If two have the same domain, both count the same energy.
 */
#ifndef SOURCES_RAPL_POWERCAP_ZONE_H
#define SOURCES_RAPL_POWERCAP_ZONE_H

#include "sources/rapl/backend.h"

struct powercap_zone {
	char *path; /* of its directory, relative to the root */
	int type;   /* index of its control type; if two have a domain, the lower one is used */
	struct rapl_id id;
};

struct powercap_zones {
	struct powercap_zone *zones; /* sorted by control type, then by path */
	size_t n;
	size_t n_unknown;  /* zones whose domain is not known */
	char unknown[384]; /* the first of them and why: "/sys/…/name cannot be read: …" */
};

/*
 * Find every zone with the name of a RAPL domain, of any control type.
 * Returns 0 (free the zones with powercap_zones_free()), -ENODEV if there is no RAPL zone, or
 * -ENOMEM.
 */
int powercap_zones_find(const struct rapl_machine *machine, struct powercap_zones *zones);
void powercap_zones_free(struct powercap_zones *zones);

/*
 * The domain of a zone by its name: "package-1", "package-0-die-1" and "psys" need no parent;
 * "core", "uncore" and "dram" are in the parent's package and die. Returns false if it is none.
 */
bool powercap_name_to_id(const char *name, const struct rapl_id *parent, struct rapl_id *id);

#endif
