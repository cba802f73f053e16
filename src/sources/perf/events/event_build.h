/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Builds the perf_event_attr of an event from its text; nothing is opened here. */
#ifndef SOURCES_PERF_EVENTS_EVENT_BUILD_H
#define SOURCES_PERF_EVENTS_EVENT_BUILD_H

#include "sources/perf/events/alias.h"
#include "sources/perf/events/event.h"
#include "sources/perf/events/event_context.h"
#include "sources/perf/events/grammar.h"

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
