/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The counters in their own units, for transforms that divide energy exactly: alumet/energy.h. */
#ifndef SOURCES_RAPL_SAMPLES_H
#define SOURCES_RAPL_SAMPLES_H

#include <stdbool.h>
#include <stdint.h>

#include "alumet/metric.h"
#include "core/pipeline.h"
#include "sources/rapl/backend.h"

struct rapl_samples {
	uint32_t counts_metric, scale_metric, refresh_metric;
	bool scales_are_pushed;
};

/* Register the metrics. Returns 0 or a negative errno. */
int rapl_samples_init(struct rapl_samples *samples, struct metric_registry *metrics);

/* Push the maximum age, in ns, of the counts that are pushed next. Returns like pipeline_push(). */
int rapl_samples_push_age(const struct rapl_samples *samples, uint64_t age_ns, uint64_t realtime_ns,
                          struct pipeline *pipeline);

/* Push the increase of each counter since the last call. Returns like pipeline_push(). */
int rapl_samples_push(struct rapl_samples *samples, struct rapl_backend *backend,
                      uint64_t realtime_ns, struct pipeline *pipeline);

#endif
