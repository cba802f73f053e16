/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What to say to someone who named a PMU, a term or an event that is not there. */
#ifndef PERF_PMU_EXPLAIN_H
#define PERF_PMU_EXPLAIN_H

#include "sources/perf/events/pmu.h"

/*
 * Tell that the PMU has neither a term nor an event called key, which is near and what it has.
 * of: the event as written. Returns -EINVAL, or -ENOMEM without words.
 */
int pmu_explain_term(const struct pmu_list *list, const struct pmu *pmu, const char *of,
                     const char *key);

/* Tell that there is no PMU called name, which is near and which there are. Returns -ENOENT. */
int pmu_explain_pmu(const struct pmu_list *list, const char *of, const char *name);

#endif
