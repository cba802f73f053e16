/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From an event as it was written to what the kernel is asked for; nothing is opened here. */
#ifndef PERF_EVENT_BUILD_H
#define PERF_EVENT_BUILD_H

#include <stdbool.h>

#include "sources/perf/events/alias.h"
#include "sources/perf/events/event.h"
#include "sources/perf/events/grammar.h"
#include "sources/perf/events/libpfm.h"
#include "sources/perf/events/pmu.h"

/* What is found out about the machine when the first event needs it. Zeroed but for sysroot. */
struct event_context {
	const char *sysroot;
	bool has_pmus; /* pmus is loaded */
	struct pmu_list pmus;
	struct libpfm libpfm;
};

/* Frees what was found out. */
void event_context_fini(struct event_context *context);

/* The machine's PMUs, loaded now if need be. Returns 0 or pmu_list_load()'s error. */
int event_context_pmus(struct event_context *context);

/* An event, and what its metric's name depends on. */
struct built_event {
	struct event event; /* metric is not set yet */
	struct alias alias; /* what it is generically; alias.name is "" for all others */
	char *plain;        /* as written, without "#…" */
	char *rename;       /* the name it shall have; NULL: its own */
	/* Modifiers other than the event's default, "k"; "" for the default. */
	char modifiers[EVENT_MODIFIERS_SIZE];
};

/*
 * Build the event. rename: from the configuration, or NULL. Returns 0; a negative errno as
 * events_resolve(), after telling the user why. built is for built_event_fini() either way.
 */
int event_build(struct event_context *context, const struct event_spec *spec, const char *rename,
                struct built_event *built);
void built_event_fini(struct built_event *built);

/* Frees what an event holds. */
void event_fini(struct event *event);

/*
 * Add an instance: attr with type and config words set; pmu NULL for none in particular. Its CPUs
 * are copied from the PMU. Returns 0 or -ENOMEM.
 */
int event_add_instance(struct event *event, const struct perf_event_attr *attr,
                       const struct pmu *pmu);

#endif
