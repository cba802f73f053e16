/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Periodic timers as file descriptors, for the loop. */
#ifndef RUN_TIMER_H
#define RUN_TIMER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Start a timer that expires at moment_ns (CLOCK_MONOTONIC) plus each multiple of the interval, so
 * that timers whose intervals are multiples of each other expire together. Returns a file
 * descriptor, close-on-exec, or a negative errno.
 */
int timer_start(uint64_t interval_ns, uint64_t moment_ns);

/* The same for an existing timer. Returns 0 or a negative errno. */
int timer_set(int fd, uint64_t interval_ns, uint64_t moment_ns);

/* Consume an expiration; missed ones count once. False: none was pending. */
bool timer_take(int fd);

#endif
