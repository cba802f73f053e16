/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The metric that an event becomes: the rules are in docs/events.md. */
#ifndef PERF_EVENT_NAME_H
#define PERF_EVENT_NAME_H

#include "sources/perf/events/event_build.h"

/*
 * Give each of the events its metric. An event that was built more than once, with other modifiers,
 * gets those in its name, except for the one with the default.
 * Returns 0; -EINVAL, told to the user, when two would have the same metric or a rename has no
 * letter; -ENOMEM.
 */
int events_name(struct built_event *events, size_t n, enum event_naming naming);

#endif
