/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Energy in counts of the counters that show it, as internal metrics: for a transform that divides
 * energy exactly. A source of energy pushes at each sample, for each counter:
 *
 *	energy_counts            u64, since the sample before
 *	energy_counts_per_joule  f64, with the first sample only
 *
 *	energy_refresh           u64, ns: how old the counts of this sample can be; 0 with a
 *	                         sample that waited for the counters' refresh. No point: unknown.
 *
 * Resource: RESOURCE_CPU_PACKAGE or RESOURCE_DRAM with the package's number; RESOURCE_CPU_CORE with
 * a CPU's number for a counter of one core only. Attributes: domain, as in the rows of joules; die,
 * where dies count apart.
 */
#ifndef ALUMET_ENERGY_H
#define ALUMET_ENERGY_H

#define METRIC_ENERGY_COUNTS "energy_counts"
#define METRIC_COUNTS_PER_JOULE "energy_counts_per_joule"
#define METRIC_ENERGY_REFRESH "energy_refresh"

/* The rows in joules. After such a point, the next sample makes rows of the shares, too. */
#define METRIC_CONSUMED_ENERGY "rapl_consumed_energy"

#endif
