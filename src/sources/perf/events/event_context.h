/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What events need to know about the machine. */
#ifndef SOURCES_PERF_EVENTS_EVENT_CONTEXT_H
#define SOURCES_PERF_EVENTS_EVENT_CONTEXT_H

#include <stdbool.h>

#include "sources/perf/events/libpfm.h"
#include "sources/perf/events/pmu.h"

/* Read when an event first needs it. Zeroed, except sysroot. */
struct event_context {
	const char *sysroot;
	bool has_pmus; /* pmus is loaded */
	struct pmu_list pmus;
	struct libpfm libpfm;
};

/* Free what was read. */
void event_context_fini(struct event_context *context);

/* Load the machine's PMUs, unless they are loaded. Returns 0 or the error of pmu_list_load(). */
int event_context_pmus(struct event_context *context);

#endif
