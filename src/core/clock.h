/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Time is measured with CLOCK_MONOTONIC, as in the kernel's records, and converted to
 * CLOCK_REALTIME for output. The offset is measured once, so that setting the clock during a run
 * does not reorder rows. CLOCK_MONOTONIC stops while the machine is suspended: that time is added
 * to the offset.
 */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define NSEC_PER_SEC 1000000000ULL
#define NSEC_PER_MSEC 1000000ULL

/* CLOCK_MONOTONIC now, ns. */
uint64_t clock_monotonic_ns(void);

/* CPU time of this thread so far, ns. */
uint64_t clock_thread_ns(void);

/*
 * Detect whether the machine was suspended since the last call. The kernel does not report when, so
 * everything after the last call counts as after the suspension. Call this whenever the agent has
 * waited.
 */
void clock_follow(void);

/* Convert a CLOCK_MONOTONIC time to CLOCK_REALTIME, in ns since the epoch. */
uint64_t clock_to_realtime(uint64_t monotonic_ns);

/* Size of "2024-05-14T21:28:49.416768909Z" with its NUL. */
#define CLOCK_RFC3339_SIZE 31

/* Index of the first of its nine digits after the decimal point. */
#define CLOCK_RFC3339_FRACTION 20

/* Format as RFC 3339 in UTC, always with nanoseconds. Returns the length without the NUL. */
size_t clock_format_rfc3339(uint64_t realtime_ns, char text[static CLOCK_RFC3339_SIZE]);

#endif
