/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For how long a CPU was busy, from one reading of the time to the next. */
#ifndef BPF_BUSY_TIME_H
#define BPF_BUSY_TIME_H

#include "record.h"

/*
 * Account the time until now as busy, unless the idle task ran. Returns that time, or 0. The first
 * call only sets the begin.
 *
 * now can be before the previous reading: times of switch_time() are ahead of the clock by as long
 * as this CPU was held up while they were set by it, on a virtual machine for milliseconds. No time
 * is counted until the clock has caught up, so that none is counted twice.
 */
static inline __attribute__((always_inline)) __u64 pass_time_until(struct cpu_state *state,
                                                                   bool was_idle, __u64 now)
{
	__u64 ran = 0;

	if (now <= state->since_ns)
		return 0;
	if (state->since_ns && !was_idle)
		ran = now - state->since_ns;
	state->since_ns = now;
	state->busy_ns += ran;
	return ran;
}

#endif
