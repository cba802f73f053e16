/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Readings right after a refresh. The CPU refreshes its counters about every ms, at no fixed phase,
 * so that the value read may be up to 1 ms old. This matters for a run of a few ms, whose first and
 * last reading therefore wait for a refresh. See docs/energy.md.
 */
#ifndef SOURCES_RAPL_REFRESH_H
#define SOURCES_RAPL_REFRESH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sources/rapl/backend.h"

/* Time between two refreshes, unless it was measured. */
#define REFRESH_PERIOD_NS 1000000ULL

/* A wait ends after this time, refresh or not. */
#define REFRESH_LIMIT_NS (2 * REFRESH_PERIOD_NS)

struct refresh {
	uint64_t (*now_ns)(void); /* the clock: clock_monotonic_ns() */
	bool moves;               /* the watched counter has moved since it was opened */
	size_t domain;            /* index of its domain */
	uint64_t first_ns;        /* of the first observed refresh; 0: none */
	uint64_t period_ns;       /* mean time between two refreshes, once two were observed */
};

/*
 * Find a counter to watch: one of a package that has moved since the backend was opened. The
 * domains must hold their readings from then; the call reads them again. If none has moved, there
 * is nothing to wait for: this is a virtual machine, or a CPU without RAPL.
 */
void refresh_begin(struct refresh *refresh, struct rapl_backend *backend, uint64_t (*now_ns)(void));

/*
 * Read until the watched counter moves, for REFRESH_LIMIT_NS at most. Returns whether it did; then
 * the domains hold the readings of that moment. If no counter is watched, reads nothing and returns
 * false.
 */
bool refresh_wait(struct refresh *refresh, struct rapl_backend *backend);

#endif
