/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Messages about a PMU, a term or an event that does not exist. */
#ifndef SOURCES_PERF_EVENTS_PMU_EXPLAIN_H
#define SOURCES_PERF_EVENTS_PMU_EXPLAIN_H

#include "sources/perf/events/pmu.h"

/*
 * Log that the PMU has neither a term nor an event called key, with a similar name, and those that
 * it has. of: the event as written. Returns -EINVAL, or -ENOMEM, not logged.
 */
int pmu_explain_term(const struct pmu_list *list, const struct pmu *pmu, const char *of,
                     const char *key);

/* Log that there is no PMU called name, with a similar name, and all there are. Returns -ENOENT. */
int pmu_explain_pmu(const struct pmu_list *list, const char *of, const char *name);

#endif
