/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The metric names of events, by the rules in docs/events.md. */
#ifndef SOURCES_PERF_EVENTS_EVENT_NAME_H
#define SOURCES_PERF_EVENTS_EVENT_NAME_H

#include "sources/perf/events/event_build.h"

/*
 * Name the metric of each event. If an event occurs several times with different modifiers, its
 * metrics' names include them, unless they are the default.
 * Returns 0; -EINVAL, logged, if two would have the same metric or a rename has no letter; or
 * -ENOMEM.
 */
int events_name(struct built_event *events, size_t n, enum event_naming naming);

#endif
