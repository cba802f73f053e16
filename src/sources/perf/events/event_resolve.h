/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* events_resolve() with a replaceable kernel, for tests and tools. */
#ifndef SOURCES_PERF_EVENTS_EVENT_RESOLVE_H
#define SOURCES_PERF_EVENTS_EVENT_RESOLVE_H

#include "sources/perf/events/event.h"
#include "sources/perf/events/event_probe.h"

/* Like events_resolve(), but asks prober instead of the kernel. */
int events_resolve_with(const struct event_request *request, const struct event_prober *prober,
                        struct event_list *list);

#endif
