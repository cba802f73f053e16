/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The formula that divides a counter's energy in a price interval among the processes of the tree,
 * everything else that ran, and the idle part. Values are whole counts of the counter, and products
 * have 128 bits: the parts add up to the energy exactly, and none is negative.
 *
 *	idle  = min(energy, idle part)
 *	part  = floor((energy - idle) * weight of the process / weight of everything that ran)
 *	other = what is left
 *
 * The order in which processes take their parts does not matter.
 */
#ifndef TRANSFORMS_ENERGY_SHARE_H
#define TRANSFORMS_ENERGY_SHARE_H

#include <stdint.h>

/* Factors are fractions of this: 65536 is 1. */
#define ENERGY_FACTOR_ONE 65536U

struct energy_share {
	uint64_t idle;   /* counts of the idle part */
	uint64_t active; /* counts that are divided by weight */
	uint64_t weight; /* what the parts are relative to */
	uint64_t given;  /* sum of the parts so far */
};

/*
 * Begin to divide the energy of one interval. idle: the idle part, limited to the energy. total:
 * the weight of everything that ran. known: the sum of the processes' weights, which replaces the
 * total if it is larger, because the two are read microseconds apart. If both are 0, nothing ran,
 * and all of the energy is idle.
 */
struct energy_share energy_share_begin(uint64_t energy, uint64_t idle, uint64_t total,
                                       uint64_t known);

/* The part of a process. The weights of all calls must add up to known at most. */
uint64_t energy_share_take(struct energy_share *share, uint64_t weight);

/* After the last process: the part of everything else that ran. */
uint64_t energy_share_other(const struct energy_share *share);

/* The idle part by time: the energy times the idle share of the CPUs' time. capacity_ns > 0. */
uint64_t energy_idle_by_time(uint64_t energy, uint64_t idle_ns, uint64_t capacity_ns);

/* The idle part by power: the energy in ns of a domain that draws these watts when idle. */
uint64_t energy_idle_by_power(double watts, uint64_t ns, double counts_per_joule);

/*
 * The factor of a hardware thread's weight, by its siblings' busy time: two busy threads of a core
 * draw yield times as much as one, not twice as much. yield: commonly measured as 1.15 for two
 * threads. busy_ns: the siblings' total busy time in an interval of ns. Returns a fraction of
 * ENERGY_FACTOR_ONE.
 */
uint32_t energy_smt_factor(double yield, uint64_t busy_ns, uint64_t ns);

#endif
