/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Time. Everything is measured on CLOCK_MONOTONIC, which the kernel's records use too, and shown on
 * CLOCK_REALTIME by an offset taken once: a clock that is set during a run disorders no rows.
 * CLOCK_MONOTONIC stands still while the machine is suspended: that time is added to the offset.
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
 * Note whether the machine was suspended since the call before; the kernel does not tell when. What
 * came after that call counts as after the suspension. To be called whenever the agent has waited.
 */
void clock_follow(void);

/* The moment of CLOCK_REALTIME (ns since the epoch) that a moment of CLOCK_MONOTONIC was. */
uint64_t clock_to_realtime(uint64_t monotonic_ns);

/* Length of "2024-05-14T21:28:49.416768909Z" with its NUL. */
#define CLOCK_RFC3339_SIZE 31

/* Where its nine digits of a fraction of a second begin. */
#define CLOCK_RFC3339_FRACTION 20

/* RFC 3339 in UTC, always nine digits of a second. Returns the length without the NUL. */
size_t clock_format_rfc3339(uint64_t realtime_ns, char text[static CLOCK_RFC3339_SIZE]);

#endif
