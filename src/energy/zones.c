/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "energy/zones.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *energy_part_name(enum energy_part part)
{
	static const char *const names[ENERGY_PARTS] = {"idle", "other", "graphics"};

	return names[part];
}

struct zone *zones_find(const struct zones *zones, enum energy_domain domain, int package, int die)
{
	for (size_t i = 0; i < zones->n; i++) {
		struct zone *zone = &zones->items[i];

		if (zone->domain == domain && zone->package == package && zone->die == die)
			return zone;
	}
	return NULL;
}

static const struct attribute *attribute_of(const struct point *point, const char *key)
{
	for (size_t i = 0; i < point->n_attributes; i++) {
		if (strcmp(point->attributes[i].key, key) == 0)
			return &point->attributes[i];
	}
	return NULL;
}

static int die_of(const struct point *point)
{
	const struct attribute *die = attribute_of(point, "die");
	int number = 0;

	for (size_t i = 0; die && i < die->length; i++)
		number = number * 10 + (die->text[i] - '0');
	return die ? number : -1;
}

/* The package that a counter belongs to. */
static int package_of(const struct point *point, const struct topology *topology)
{
	if (point->resource_kind != RESOURCE_CPU_CORE)
		return (int)point->resource_id;
	return point->resource_id < topology->n ? (int)topology->cpus[point->resource_id].package
	                                        : 0;
}

struct zone *zones_of_point(struct zones *zones, const struct point *point,
                            const struct topology *topology, int *err)
{
	const struct attribute *name = attribute_of(point, "domain");
	const enum energy_domain domain =
		name ? energy_domain_find(name->text, name->length) : ENERGY_DOMAINS;
	const int package = package_of(point, topology), die = die_of(point);
	struct zone *zone, *items;

	*err = 0;
	if (domain == ENERGY_DOMAINS)
		return NULL;
	zone = zones_find(zones, domain, package, die);
	if (zone)
		return zone;
	items = reallocarray(zones->items, zones->n + 1, sizeof(*items));
	if (!items) {
		*err = -ENOMEM;
		return NULL;
	}
	zones->items = items;
	items[zones->n] = (struct zone){.domain = domain, .package = package, .die = die};
	return &items[zones->n++];
}

double zone_joules(const struct zone *zone, uint64_t counts)
{
	return zone->counts_per_joule > 0 ? (double)counts / zone->counts_per_joule : 0;
}

bool zone_is_summed(const struct zone *zone)
{
	return zone->domain == ENERGY_PACKAGE || zone->domain == ENERGY_DRAM;
}

void zones_fini(struct zones *zones)
{
	free(zones->items);
	*zones = (struct zones){.n = 0};
}
