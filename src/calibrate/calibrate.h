/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * "alumet-agent calibrate": what each energy domain draws when nothing runs, measured and stored for
 * the attribution of energy.
 */
#ifndef AGENT_CALIBRATE_H
#define AGENT_CALIBRATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "sources/rapl/domain.h"
#include "transforms/energy/idle_power.h"

/*
 * Measure and store, and tell what was found. Returns the exit status: 0, or EXIT_AGENT after telling
 * why not: no energy counters, a machine that is not idle, a file that cannot be written.
 */
int calibrate(const struct config_request *request);

/* --- from inside -------------------------------------------------------------------------------- */

/* One second of measuring. */
struct calibration_piece {
	double watts[ENERGY_DOMAINS][16]; /* by package; negative: no such domain */
	double busy;                      /* share of the CPUs' time, 0 to 1 */
};

/* Above this share of the CPUs' time a piece does not count: kernel threads and timers are below. */
#define CALIBRATION_QUIET 0.02

/* Pieces that have to be quiet. */
#define CALIBRATION_PIECES 10

/*
 * The idle power by these pieces: the median of the quiet ones, for each domain and package. Returns
 * 0, or -EBUSY when too few of them were quiet.
 */
int calibration_conclude(const struct calibration_piece *pieces, size_t n,
                         struct idle_power *power);

#endif
