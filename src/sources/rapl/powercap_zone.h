/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The RAPL zones of the powercap framework (Documentation/power/powercap/powercap.rst). Three
 * drivers can register them, as control types of their own: intel-rapl (MSR, also on AMD),
 * intel-rapl-tpmi, intel-rapl-mmio. Where two show the same domain they show the same energy.
 */
#ifndef RAPL_POWERCAP_ZONE_H
#define RAPL_POWERCAP_ZONE_H

#include "sources/rapl/backend.h"

struct powercap_zone {
	char *path; /* of its folder, relative to the root */
	int type;   /* index of its control type: the lower one is taken where two show a domain */
	struct rapl_id id;
};

struct powercap_zones {
	struct powercap_zone *zones; /* by control type, then by path */
	size_t n;
	size_t n_unknown; /* zones of which it is not known which domain they are */
	char unknown
		[384]; /* the first of them and why, for the user: "/sys/…/name cannot be read: …" */
};

/*
 * Find every zone whose name tells a RAPL domain, whichever control type it is of.
 * Returns 0 (the zones are for powercap_zones_free()); -ENODEV when there is no RAPL control type,
 * -ENOMEM.
 */
int powercap_zones_find(const struct rapl_machine *machine, struct powercap_zones *zones);
void powercap_zones_free(struct powercap_zones *zones);

/* The name of a control type. */
const char *powercap_type_name(int type);

/*
 * The domain that a zone's name stands for: "package-1", "package-0-die-1", "psys" by themselves,
 * "core", "uncore", "dram" within parent. Returns false when it stands for none.
 */
bool powercap_name_to_id(const char *name, const struct rapl_id *parent, struct rapl_id *id);

#endif
