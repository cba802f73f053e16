/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The formula: how the energy that a counter showed in one price interval is divided between the
 * processes of the tree, everything else that ran, and idleness. In whole counts of the counter,
 * with 128-bit products: the parts add up to the energy exactly, and none is negative.
 *
 *	idle  = min(energy, idle part)
 *	part  = floor((energy - idle) * weight of the process / weight of everything that ran)
 *	other = what is left
 *
 * The order in which processes take their parts does not matter.
 */
#ifndef ENERGY_SHARE_H
#define ENERGY_SHARE_H

#include <stdint.h>

/* Factors are fractions of this: 65536 is 1. */
#define ENERGY_FACTOR_ONE 65536U

struct energy_share {
	uint64_t idle;   /* counts of idleness */
	uint64_t active; /* counts that are divided by weight */
	uint64_t weight; /* what the parts are relative to */
	uint64_t given;  /* sum of the parts so far */
};

/*
 * Begin to divide the energy of one interval. idle: the idle part, of which at most the energy is
 * taken. total: the weight of everything that ran; known: the sum of the processes' weights, which
 * stands in for the total where it is larger (the two are read microseconds apart). When neither is
 * above 0, nothing ran: all of the energy is idle.
 */
struct energy_share energy_share_begin(uint64_t energy, uint64_t idle, uint64_t total,
                                       uint64_t known);

/* The part of a process. The weights of all calls together are at most the known sum. */
uint64_t energy_share_take(struct energy_share *share, uint64_t weight);

/* After the last process: what ran beside them. */
uint64_t energy_share_other(const struct energy_share *share);

/* The idle part by time: the energy times the idle share of the CPUs' time. capacity_ns > 0. */
uint64_t energy_idle_by_time(uint64_t energy, uint64_t idle_ns, uint64_t capacity_ns);

/* The idle part by power: what a domain that draws so much when idle uses in the time. */
uint64_t energy_idle_by_power(double watts, uint64_t ns, double counts_per_joule);

/*
 * What the weight of a hardware thread counts, by how long its siblings were busy: two busy threads
 * of a core draw not twice what one draws, but yield times as much. yield: 1.15 of two threads is
 * the common measurement. busy_ns: the siblings' busy time, summed, in an interval of ns.
 * Returns a fraction of ENERGY_FACTOR_ONE.
 */
uint32_t energy_smt_factor(double yield, uint64_t busy_ns, uint64_t ns);

#endif
