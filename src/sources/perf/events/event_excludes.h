/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The exclude bits of struct perf_event_attr: at which privilege levels an event counts, and
 * whether for the host or for guests.
 */
#ifndef SOURCES_PERF_EVENTS_EVENT_EXCLUDES_H
#define SOURCES_PERF_EVENTS_EVENT_EXCLUDES_H

#include <linux/perf_event.h>
#include <stdbool.h>

#include "sources/perf/events/grammar.h"

/*
 * Set the bits. user_only: without a modifier for a level (u, k, h), the event counts only user
 * space. As with perf stat, guests are excluded without modifiers, and with u; G and H override
 * that.
 */
void event_set_excludes(struct perf_event_attr *attr, const struct event_modifiers *modifiers,
                        bool user_only);

bool event_same_excludes(const struct perf_event_attr *a, const struct perf_event_attr *b);

#endif
