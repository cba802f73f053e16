/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The events that have a name on this machine, and whether each opens here: the generic ones, what
 * the kernel keeps of each process, and those of the events/ of PMUs that can count processes.
 */
#ifndef PERF_EVENT_CATALOG_H
#define PERF_EVENT_CATALOG_H

#include "sources/perf/events/event_probe.h"

enum event_kind { EVENT_HARDWARE, EVENT_SOFTWARE, EVENT_OF_PROCESS, EVENT_CACHE, EVENT_OF_PMU };

struct event_entry {
	const char *name; /* as it is written: "CPU_CYCLES", "msr/tsc/" */
	enum event_kind kind;
	int err; /* 0: it can be counted; else the negative errno of opening it */
};

/*
 * Call visit with each of them, in this order of kinds; the entry is valid during the call. Ends
 * early, and returns what visit returned, when that is not 0. Events of PMUs whose terms are left to
 * the user ("cmask=?") are passed over.
 * sysroot: where sys/ is; prober: &event_prober_kernel but in tests.
 * Returns 0 or a negative errno: -ENOMEM, or of reading sysfs after telling the user.
 */
typedef int event_visitor(void *data, const struct event_entry *entry);
int event_catalog(const char *sysroot, const struct event_prober *prober, event_visitor *visit,
                  void *data);

#endif
