/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Builds the perf_event_attr of an event from its text; nothing is opened here. */
#ifndef SOURCES_PERF_EVENTS_EVENT_BUILD_H
#define SOURCES_PERF_EVENTS_EVENT_BUILD_H

#include <stdbool.h>

#include "sources/perf/events/alias.h"
#include "sources/perf/events/event.h"
#include "sources/perf/events/grammar.h"
#include "sources/perf/events/libpfm.h"
#include "sources/perf/events/pmu.h"

/* What is known about the machine, read when an event first needs it. Zeroed, except sysroot. */
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

/* An event, and what its metric's name depends on. */
struct built_event {
	struct event event; /* metric is not set yet */
	struct alias alias; /* the generic event that it is; else alias.name is "" */
	char *plain;        /* as written, without "#…" */
	char *rename;       /* the name to use; NULL: its own */
	/* Modifiers other than the event's default, "k"; "" for the default. */
	char modifiers[EVENT_MODIFIERS_SIZE];
};

/*
 * Build the event. rename: from the configuration, or NULL. Returns 0, or a negative errno like
 * events_resolve(), after logging why. Call built_event_fini() in any case.
 */
int event_build(struct event_context *context, const struct event_spec *spec, const char *rename,
                struct built_event *built);
void built_event_fini(struct built_event *built);

#endif
