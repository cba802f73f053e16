/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The measurements of each second, and the idle power derived from them. */
#ifndef CALIBRATE_PIECES_H
#define CALIBRATE_PIECES_H

#include <stddef.h>

#include "energy/idle_power.h"

/* Packages below this number are calibrated; those above are not. */
#define CALIBRATION_PACKAGES 16

/* One second of measuring. */
struct calibration_piece {
	double watts[ENERGY_DOMAINS][CALIBRATION_PACKAGES]; /* negative: no such domain */
	double busy;                                        /* share of the CPUs' time, 0 to 1 */
};

/*
 * A piece with more than this share of CPU time busy is not quiet; kernel threads and timers stay
 * below it.
 */
#define CALIBRATION_QUIET 0.02

/* Number of quiet pieces needed. */
#define CALIBRATION_PIECES 10

/*
 * The idle power from these pieces: the median of the quiet ones, for each domain and package.
 * Returns 0, or -EBUSY if too few were quiet.
 */
int calibration_conclude(const struct calibration_piece *pieces, size_t n,
                         struct idle_power *power);

#endif
