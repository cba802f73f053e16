/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/events/event.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sources/perf/events/pmu.h"

void event_fini(struct event *event)
{
	for (size_t i = 0; i < event->n_instances; i++) {
		free(event->instances[i].pmu);
		free(event->instances[i].cpus);
	}
	free(event->instances);
	free(event->text);
	free(event->metric);
	free(event->label);
	*event = (struct event){0};
}

int event_add_instance(struct event *event, const struct perf_event_attr *attr,
                       const struct pmu *pmu)
{
	struct event_instance *instances =
		reallocarray(event->instances, event->n_instances + 1, sizeof(*instances));
	struct event_instance *instance;

	if (!instances)
		return -ENOMEM;
	event->instances = instances;
	instance = &instances[event->n_instances];
	*instance = (struct event_instance){.attr = *attr};
	instance->attr.size = sizeof(instance->attr);
	instance->attr.read_format =
		PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
	if (!pmu) {
		event->n_instances++;
		return 0;
	}

	instance->pmu = strdup(pmu->name);
	if (!pmu->everywhere) {
		instance->n_cpus = pmu->cpus.n;
		instance->cpus = calloc(pmu->cpus.n, sizeof(*instance->cpus));
	}
	if (!instance->pmu || (!pmu->everywhere && !instance->cpus)) {
		free(instance->pmu);
		free(instance->cpus);
		return -ENOMEM;
	}
	if (!pmu->everywhere)
		memcpy(instance->cpus, pmu->cpus.cpus, pmu->cpus.n * sizeof(*instance->cpus));
	event->n_instances++;
	return 0;
}
