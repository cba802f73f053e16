/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A perf PMU that counts energy, as sysfs describes it: "power", and AMD's "power_core". */
#ifndef SOURCES_RAPL_PERF_PMU_H
#define SOURCES_RAPL_PERF_PMU_H

#include <stdint.h>

#include "sources/rapl/backend.h"

struct perf_pmu_event {
	const char *name; /* "energy-pkg" */
	enum rapl_kind kind;
	uint64_t config;
	double counts_per_joule;
};

struct perf_pmu {
	const char *name;
	uint32_t type;        /* for perf_event_attr */
	struct cpu_list cpus; /* one CPU for each package, die or core: events are opened there */
	struct perf_pmu_event events[RAPL_KINDS];
	size_t n_events;
};

/*
 * Read sys/bus/event_source/devices/NAME, with the events that measure energy. An event that cannot
 * be parsed is left out with a warning.
 * Returns 0 (free the PMU with perf_pmu_free()); with the reason, -ENODEV if there is no such PMU
 * or it has no energy event, or -EBADMSG if its files are malformed; or -ENOMEM. If reason is NULL,
 * there are no warnings, either.
 */
int perf_pmu_read(const struct rapl_machine *machine, const char *name, struct perf_pmu *pmu,
                  struct rapl_reason *reason);
void perf_pmu_free(struct perf_pmu *pmu);

#endif
