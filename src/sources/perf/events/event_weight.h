/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The event by which energy is distributed: it counts all the time, in user space and the kernel.
 */
#ifndef SOURCES_PERF_EVENTS_EVENT_WEIGHT_H
#define SOURCES_PERF_EVENTS_EVENT_WEIGHT_H

#include "sources/perf/events/event.h"

/*
 * Find an event for the text of a plan (alumet/weights.h), and try it, pinned, so that it is never
 * multiplexed. "auto" takes the first of msr/aperf/ and cycles that this machine counts. If the
 * event cannot be opened, CPU time replaces it, with a warning if the event was named. Returns 1
 * and the event, whose text is its name; 0 for CPU time; -EINVAL after logging that there is no
 * such event; or -ENOMEM.
 */
int event_weight_resolve(const char *text, const char *sysroot, struct event *event);

/* The cache misses among a run's events, by which memory's energy is distributed; NULL: none. */
const struct event *event_weight_find_misses(const struct event_list *events);

#endif
