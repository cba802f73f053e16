/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* events_resolve() with the kernel that is asked made replaceable, for tests and tools. */
#ifndef PERF_EVENT_RESOLVE_H
#define PERF_EVENT_RESOLVE_H

#include "sources/perf/events/event.h"
#include "sources/perf/events/event_probe.h"

/* As events_resolve(), asking prober instead of the kernel. */
int events_resolve_with(const struct event_request *request, const struct event_prober *prober,
                        struct event_list *list);

#endif
