/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The timers of the sources and of the common window. Those with the same interval share a timer,
 * so that they are read at the same time.
 */
#ifndef RUN_TICKS_H
#define RUN_TICKS_H

#include <stddef.h>
#include <stdint.h>

#include "run/stages.h"

struct ticks {
	struct tick {
		uint64_t interval_ns;
		int fd;
	} *of; /* each with a different interval */
	size_t n;
	uint64_t next_window_ns; /* not earlier: the last samples were costly */
};

/*
 * Start the timers; their first intervals begin at now_ns (CLOCK_MONOTONIC). Returns 0 or a
 * negative errno. Call ticks_fini() either way; it accepts a zeroed struct, too.
 */
int ticks_init(struct ticks *ticks, const struct stages *stages, uint64_t now_ns);
void ticks_fini(struct ticks *ticks);

/* The timer with this index is readable: end the window and poll the sources that use the timer. */
void ticks_handle(struct ticks *ticks, size_t index, struct stages *stages);

#endif
