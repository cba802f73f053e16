/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Events that need the user's own privileges: see linux/privilege.h. */
#ifndef SOURCES_PERF_EVENTS_EVENT_RIGHTS_H
#define SOURCES_PERF_EVENTS_EVENT_RIGHTS_H

#include "sources/perf/events/event.h"
#include "sources/perf/events/event_context.h"

/*
 * If the agent has privileges that the user lacks, refuse events that place probes. Returns 0;
 * -EPERM, logged; or the error of event_context_pmus().
 */
int event_check_rights(struct event_context *context, const struct event *event);

#endif
