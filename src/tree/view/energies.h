/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The measured energy of each domain in a run. */
#ifndef TREE_VIEW_ENERGIES_H
#define TREE_VIEW_ENERGIES_H

#include "alumet/point.h"

/* Energy of one domain of one package, of its memory, or of the machine. */
struct energy_sum {
	char domain[16];
	enum resource_kind kind;
	uint32_t id;
	double joules;
};

/* Zeroed: none yet. */
struct energy_sums {
	struct energy_sum *sums;
	size_t n;
};

/* Add to the sum of the same domain and resource. Returns 0 or -ENOMEM. */
int energy_sums_add(struct energy_sums *sums, const struct energy_sum *one);

/*
 * Add a point of rapl_consumed_energy. One without a domain is left out, and so are sums over all
 * packages ("package_total"), which would count everything twice; dies of a package are added up.
 * Returns 0 or -ENOMEM.
 */
int energy_sums_add_point(struct energy_sums *sums, const struct point *point);

/* Packages first, each with its domains; then memory, then the machine as a whole. */
void energy_sums_sort(struct energy_sums *sums);

void energy_sums_fini(struct energy_sums *sums);

#endif
