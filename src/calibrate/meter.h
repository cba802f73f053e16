/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A transform that makes a piece of each window: the power according to energy_counts
 * (alumet/energy.h), from whatever source, and how busy the CPUs were.
 */
#ifndef CALIBRATE_METER_H
#define CALIBRATE_METER_H

#include "alumet/transform.h"
#include "calibrate/pieces.h"
#include "energy/zones.h"
#include "linux/topology.h"

/* Seconds to measure at most; a machine without enough quiet ones is not idle. */
#define METER_PIECES 60

/* CPU time since boot, in ticks of /proc/stat. */
struct cpu_times {
	unsigned long long idle, all;
};

struct meter {
	struct transform transform; /* first: the pipeline's part */
	const struct metric_registry *metrics;
	int root; /* file descriptor; proc/stat is read below it */
	struct topology topology;
	struct zones zones;
	struct cpu_times times; /* at the start of the window */
	struct calibration_piece pieces[METER_PIECES];
	size_t n;
};

/*
 * Initialize a meter with windows of one second, for the machine below sysroot. Returns 0 or a
 * negative errno, logged; call meter_fini() either way.
 */
int meter_init(struct meter *meter, const char *sysroot, const struct metric_registry *metrics);

void meter_fini(struct meter *meter);

#endif
