/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What sysfs tells about a perf PMU that counts energy: "power", and AMD's "power_core". */
#ifndef RAPL_PERF_PMU_H
#define RAPL_PERF_PMU_H

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
	struct cpu_list cpus; /* one CPU for each package, die or core: where it is opened */
	struct perf_pmu_event events[RAPL_KINDS];
	size_t n_events;
};

/*
 * Read sys/bus/event_source/devices/NAME. Of the events those that measure energy are taken; one
 * that cannot be understood is left out with a warning.
 * Returns 0 (the PMU is for perf_pmu_free()); -ENODEV when there is no such PMU or it has no
 * energy event, -EBADMSG when its files make no sense, both with the reason; -ENOMEM.
 * reason may be NULL: then nothing is said at all.
 */
int perf_pmu_read(const struct rapl_machine *machine, const char *name, struct perf_pmu *pmu,
                  struct rapl_reason *reason);
void perf_pmu_free(struct perf_pmu *pmu);

#endif
