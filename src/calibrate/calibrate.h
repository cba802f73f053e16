/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * "alumet-agent calibrate": measures the idle power of each energy domain, and stores it for the
 * attribution of energy.
 */
#ifndef CALIBRATE_CALIBRATE_H
#define CALIBRATE_CALIBRATE_H

#include "config/config.h"

/*
 * Measure, store and print the idle power. Returns the exit status: 0, or EXIT_AGENT after logging
 * why not: no energy counters, a machine that is not idle, a file that cannot be written.
 */
int calibrate(const struct config_request *request);

#endif
