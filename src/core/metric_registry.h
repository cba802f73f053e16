/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Owns the metrics of a run; see alumet/metric.h for their use. */
#ifndef CORE_METRIC_REGISTRY_H
#define CORE_METRIC_REGISTRY_H

#include "alumet/metric.h"

/* An empty registry, or NULL when memory ran out. */
struct metric_registry *metric_registry_new(void);
void metric_registry_free(struct metric_registry *registry);

/* Whether any metric is internal. */
bool metric_registry_has_internal(const struct metric_registry *registry);

#endif
