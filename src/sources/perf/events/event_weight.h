/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The event that energy is shared by: one that counts all the time, in user space and the kernel. */
#ifndef PERF_EVENT_WEIGHT_H
#define PERF_EVENT_WEIGHT_H

#include "sources/perf/events/event.h"

/*
 * Find an event for the text of a plan (alumet/weights.h), and try it: pinned, so that it never
 * takes turns with others. "auto" takes the first of msr/aperf/ and cycles that this machine counts.
 * One that cannot be opened is replaced by CPU time, which is said as a warning when it was named.
 * Returns 1 and the event, whose text is its name; 0 for CPU time; -EINVAL after telling the user
 * that there is no such event; -ENOMEM.
 */
int event_weight_resolve(const char *text, const char *sysroot, struct event *event);

/* The cache misses among the events of a run, by which memory's energy is shared; NULL: none. */
const struct event *event_weight_find_misses(const struct event_list *events);

#endif
