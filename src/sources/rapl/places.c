/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/rapl/places.h"

#include <errno.h>
#include <stdlib.h>

static int locate(struct rapl_machine *machine, enum rapl_places which, size_t index,
                  struct rapl_place *place)
{
	struct cpu_location location;
	int error = rapl_machine_locate(machine, place->cpu, &location);

	if (error == -ENOMEM)
		return error;
	if (error)
		location = (struct cpu_location){
			.package = which == PLACES_OF_MASK ? (int)index : 0,
			.core = (int)place->cpu,
		};
	place->package = location.package;
	place->die = rapl_machine_counts_per_package(machine) ? -1 : location.die;
	place->core = location.core;
	return 0;
}

/*
 * A core's number may be unique only within its die. On AMD, where the die is ignored, the number
 * is that of a thread, or unique within the package (see rapl_machine_locate()).
 */
static bool is_same(const struct rapl_place *a, const struct rapl_place *b, enum rapl_places which)
{
	return a->package == b->package && a->die == b->die &&
	       (which != PLACES_OF_CORES || a->core == b->core);
}

static void forget_single_dies(struct rapl_place *places, int n)
{
	for (int i = 0; i < n; i++) {
		bool single = true;

		for (int j = 0; j < n && single; j++)
			single = places[j].package != places[i].package || places[j].die < 0 ||
			         places[j].die == places[i].die;
		if (single)
			places[i].die = -1;
	}
}

int rapl_places_find(struct rapl_machine *machine, const struct cpu_list *cpus,
                     enum rapl_places which, struct rapl_place **places)
{
	int n = 0;

	*places = calloc(cpus->n ? cpus->n : 1, sizeof(**places));
	if (!*places)
		return -ENOMEM;
	for (size_t i = 0; i < cpus->n; i++) {
		struct rapl_place place = {.cpu = cpus->cpus[i]};
		bool known = false;

		if (locate(machine, which, i, &place)) {
			free(*places);
			*places = NULL;
			return -ENOMEM;
		}
		for (int j = 0; j < n && !known; j++)
			known = is_same(&(*places)[j], &place, which);
		if (!known)
			(*places)[n++] = place;
	}
	forget_single_dies(*places, n);
	return n;
}
