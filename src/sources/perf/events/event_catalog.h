/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The named events of this machine, and whether each can be opened: generic events, values that the
 * kernel keeps for each process, and the events/ of PMUs that can count processes.
 */
#ifndef SOURCES_PERF_EVENTS_EVENT_CATALOG_H
#define SOURCES_PERF_EVENTS_EVENT_CATALOG_H

#include "sources/perf/events/event_probe.h"

enum event_kind { EVENT_HARDWARE, EVENT_SOFTWARE, EVENT_OF_PROCESS, EVENT_CACHE, EVENT_OF_PMU };

struct event_entry {
	const char *name; /* as it is written: "CPU_CYCLES", "msr/tsc/" */
	enum event_kind kind;
	int err; /* 0: it can be counted; else the negative errno of opening it */
};

/*
 * Call visit with each event, in this order of kinds; the entry is valid during the call. Stops if
 * visit returns non-zero, and returns that. Events of PMUs that need a term from the user
 * ("cmask=?") are skipped. sysroot: the directory of sys/. prober: &event_prober_kernel, except in
 * tests. Returns 0, -ENOMEM, or a negative errno of reading sysfs, logged.
 */
typedef int event_visitor(void *data, const struct event_entry *entry);
int event_catalog(const char *sysroot, const struct event_prober *prober, event_visitor *visit,
                  void *data);

#endif
