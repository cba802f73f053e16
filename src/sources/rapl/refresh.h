/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Readings right after a refresh. The counters are refreshed about every ms, at no fixed phase: one
 * that is read at any moment shows the energy of up to a ms before. For a run of a few ms that is
 * much; so its first reading and its last one wait for a refresh. See docs/energy.md.
 */
#ifndef RAPL_REFRESH_H
#define RAPL_REFRESH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sources/rapl/backend.h"

/* Between two refreshes, where nothing else was measured. */
#define REFRESH_PERIOD_NS 1000000ULL

/* A wait ends after this time, refresh or not. */
#define REFRESH_LIMIT_NS (2 * REFRESH_PERIOD_NS)

struct refresh {
	uint64_t (*now_ns)(void); /* the clock: clock_monotonic_ns() */
	bool moves;               /* the counter that is watched has moved since it was opened */
	size_t domain;            /* which one it is */
	uint64_t first_ns;        /* of the first refresh that was met; 0: none */
	uint64_t period_ns;       /* mean time between two refreshes, once two were met */
};

/*
 * Find a counter to watch: of a package, that has moved since the backend was opened. The domains
 * hold their readings from then, and those of now after the call. Where none has moved, there is
 * nothing to wait for: a virtual machine, or a CPU without RAPL.
 */
void refresh_begin(struct refresh *refresh, struct rapl_backend *backend, uint64_t (*now_ns)(void));

/*
 * Read until the watched counter moves, for REFRESH_LIMIT_NS at most. Returns whether it did: the
 * domains hold the readings of that moment. Reads nothing, and returns false, when there is none.
 */
bool refresh_wait(struct refresh *refresh, struct rapl_backend *backend);

#endif
