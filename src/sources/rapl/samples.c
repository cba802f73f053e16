/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/rapl/samples.h"

#include <stdio.h>
#include <string.h>

#include "alumet/energy.h"

int rapl_samples_init(struct rapl_samples *samples, struct metric_registry *metrics)
{
	int counts =
		metric_register_internal(metrics, METRIC_ENERGY_COUNTS, &UNIT_NONE, METRIC_DELTA);
	int scale = metric_register_internal(metrics, METRIC_COUNTS_PER_JOULE, &UNIT_NONE,
	                                     METRIC_GAUGE);

	int refresh = metric_register_internal(metrics, METRIC_ENERGY_REFRESH, &UNIT_NANOSECOND,
	                                       METRIC_GAUGE);

	*samples = (struct rapl_samples){
		.counts_metric = (uint32_t)counts,
		.scale_metric = (uint32_t)scale,
		.refresh_metric = (uint32_t)refresh,
	};
	return counts < 0 ? counts : scale < 0 ? scale : refresh < 0 ? refresh : 0;
}

int rapl_samples_push_age(const struct rapl_samples *samples, uint64_t age_ns, uint64_t realtime_ns,
                          struct pipeline *pipeline)
{
	const struct point point = {
		.metric = samples->refresh_metric,
		.time_ns = realtime_ns,
		.type = VALUE_U64,
		.value.u64 = age_ns,
		.resource_kind = RESOURCE_LOCAL_MACHINE,
		.consumer_kind = CONSUMER_LOCAL_MACHINE,
	};

	return pipeline_push(pipeline, &point);
}

static enum resource_kind resource_of(const struct rapl_domain *domain)
{
	if (domain->core_cpu >= 0)
		return RESOURCE_CPU_CORE;
	return domain->id.kind == RAPL_DRAM ? RESOURCE_DRAM : RESOURCE_CPU_PACKAGE;
}

static int push_domain(struct rapl_samples *samples, struct rapl_domain *domain,
                       uint64_t realtime_ns, struct pipeline *pipeline)
{
	char die[12];
	const char *name = rapl_kind_name(domain->id.kind);
	struct attribute attributes[2] = {
		{.key = "domain", .text = name, .length = strlen(name)},
		{.key = "die", .text = die},
	};
	struct point point = {
		.metric = samples->counts_metric,
		.time_ns = realtime_ns,
		.type = VALUE_U64,
		.value.u64 = domain->unsampled,
		.resource_kind = resource_of(domain),
		.resource_id =
			(uint32_t)(domain->core_cpu >= 0 ? domain->core_cpu : domain->id.package),
		.consumer_kind = CONSUMER_LOCAL_MACHINE,
		.n_attributes = domain->id.die >= 0 && domain->core_cpu < 0 ? 2 : 1,
		.attributes = attributes,
	};
	int error;

	attributes[1].length = (size_t)snprintf(die, sizeof(die), "%d", domain->id.die);
	domain->unsampled = 0;
	error = pipeline_push(pipeline, &point);
	if (error || samples->scales_are_pushed)
		return error;
	point.metric = samples->scale_metric;
	point.type = VALUE_F64;
	point.value.f64 = domain->counts_per_joule;
	return pipeline_push(pipeline, &point);
}

int rapl_samples_push(struct rapl_samples *samples, struct rapl_backend *backend,
                      uint64_t realtime_ns, struct pipeline *pipeline)
{
	int error = 0;

	for (size_t i = 0; !error && i < backend->n_domains; i++) {
		if (backend->domains[i].id.kind != RAPL_PLATFORM)
			error = push_domain(samples, &backend->domains[i], realtime_ns, pipeline);
	}
	samples->scales_are_pushed = true;
	return error;
}
