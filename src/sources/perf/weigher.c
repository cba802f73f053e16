/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/weigher.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "sources/perf/counters.h"
#include "sources/perf/events/event.h"
#include "sources/perf/events/event_weight.h"
#include "sources/perf/process_rows.h"

/* The weights of bpf/weights.h. */
enum { CPU_USE, MISSES };

/* Reading the energy takes less than a millisecond, and the weights of a CPU some microseconds. */
#define HELD_UP_NS (2 * NSEC_PER_MSEC)
#define HELD_UP_CPU_NS 20000ULL

#define START_TRIES 3

struct weigher {
	struct weight_plan *plan;
	struct pipeline *pipeline;
	struct event *event; /* of the list; NULL: the weight is CPU time */
	struct weight_config config[MAX_WEIGHTS];
	uint32_t n; /* of config */
	uint32_t counters_n;
	uint32_t process_metrics[MAX_WEIGHTS], cpu_metrics[MAX_WEIGHTS], busy_metric;
	struct kernel_weights *before; /* by CPU */
};

/* --- the plan --------------------------------------------------------------------------------- */

/* The counters of an event, which are side by side. False: more than the programs take. */
static bool configure(const struct event_list *events, const struct event *event,
                      struct weight_config *config)
{
	if (event->n_instances > MAX_WEIGHT_COUNTERS)
		return false;
	*config = (struct weight_config){
		.first = counters_first(events, (size_t)(event - events->events)),
		.counters_n = (uint32_t)event->n_instances,
	};
	return true;
}

static int take_event(struct weigher *weigher, struct event_list *events)
{
	struct event *place = &events->events[events->n];
	int found = event_weight_resolve(weigher->plan->event, "/", place);

	if (found < 0)
		return found;
	weigher->n = 1;
	weigher->plan->provided = "CPU time";
	if (found && configure(events, place, &weigher->config[CPU_USE])) {
		weigher->event = place;
		weigher->plan->provided = place->text;
	} else if (found) {
		event_fini(place);
		*place = (struct event){0};
	}
	return 0;
}

static void take_misses(struct weigher *weigher, const struct event_list *events)
{
	const struct event *misses = event_weight_find_misses(events);

	if (weigher->plan->wants_misses && misses &&
	    configure(events, misses, &weigher->config[MISSES])) {
		weigher->n = 2;
		weigher->plan->has_misses = true;
	}
}

static int register_metric(struct metric_registry *metrics, const char *name,
                           const struct unit *unit, uint32_t *id)
{
	int metric = metric_register_internal(metrics, name, unit, METRIC_DELTA);

	if (metric < 0)
		return metric;
	*id = (uint32_t)metric;
	return 0;
}

static int register_metrics(struct weigher *weigher, struct metric_registry *metrics)
{
	int err = register_metric(metrics, METRIC_PROCESS_WEIGHT, &UNIT_NONE,
	                          &weigher->process_metrics[CPU_USE]);

	if (!err)
		err = register_metric(metrics, METRIC_CPU_WEIGHT, &UNIT_NONE,
		                      &weigher->cpu_metrics[CPU_USE]);
	if (!err)
		err = register_metric(metrics, METRIC_PROCESS_MISSES, &UNIT_NONE,
		                      &weigher->process_metrics[MISSES]);
	if (!err)
		err = register_metric(metrics, METRIC_CPU_MISSES, &UNIT_NONE,
		                      &weigher->cpu_metrics[MISSES]);
	if (!err)
		err = register_metric(metrics, METRIC_CPU_BUSY_TIME, &UNIT_NANOSECOND,
		                      &weigher->busy_metric);
	return err;
}

int weigher_new(struct weight_plan *plan, struct event_list *events, struct pipeline *pipeline,
                struct metric_registry *metrics, struct weigher **result)
{
	struct weigher *weigher = calloc(1, sizeof(*weigher));
	int err = -ENOMEM;

	*result = NULL;
	if (!weigher)
		goto fail;
	weigher->plan = plan;
	weigher->pipeline = pipeline;
	weigher->before = calloc(plan->n_cpus, sizeof(*weigher->before));
	if (!weigher->before)
		goto fail;
	take_misses(weigher, events);
	err = take_event(weigher, events);
	if (!err)
		err = register_metrics(weigher, metrics);
	if (err)
		goto fail;
	if (plan->has_misses)
		weigher->n = 2;
	*result = weigher;
	return 0;
fail:
	weigher_free(weigher);
	return err == -EINVAL ? err : log_oom();
}

void weigher_free(struct weigher *weigher)
{
	if (!weigher)
		return;
	if (weigher->event)
		event_fini(weigher->event);
	free(weigher->before);
	free(weigher);
}

size_t weigher_events(const struct weigher *weigher)
{
	return weigher->event ? 1 : 0;
}

void weigher_request(struct weigher *weigher, struct programs_request *request)
{
	weigher->counters_n = request->counters_n;
	request->weights_n = weigher->n;
	request->groups_n = weigher->plan->n_groups;
	memcpy(request->weights, weigher->config, sizeof(request->weights));
}

/* --- CPUs ------------------------------------------------------------------------------------- */

static void set_weighing(struct weigher *weigher, struct kernel *kernel)
{
	const struct weight_plan *plan = weigher->plan;

	for (uint32_t cpu = 0; cpu < plan->n_cpus; cpu++)
		kernel_set_weighing(kernel, cpu, plan->groups[cpu], plan->factors[cpu]);
}

/* What is laid out may have fewer CPUs than this machine: on the others nothing is weighed. */
static bool is_planned(const struct weigher *weigher, uint32_t cpu)
{
	return cpu < weigher->plan->n_cpus;
}

bool weigher_is_held_up(const struct cpu_list *online, uint64_t begun_ns)
{
	return clock_monotonic_ns() - begun_ns > HELD_UP_NS + HELD_UP_CPU_NS * online->n;
}

void weigher_start(struct weigher *weigher, struct kernel *kernel, const struct cpu_list *online)
{
	int tries = START_TRIES;

	set_weighing(weigher, kernel);
	do {
		weigher->plan->begun_ns = clock_monotonic_ns();
		for (size_t i = 0; i < online->n; i++) {
			const uint32_t cpu = online->cpus[i];

			if (is_planned(weigher, cpu))
				kernel_weigh(kernel, cpu, &weigher->before[cpu]);
		}
	} while (--tries > 0 && weigher_is_held_up(online, weigher->plan->begun_ns));
	weigher->plan->weighed_ns = weigher->plan->begun_ns;
}

static int push_cpu(struct weigher *weigher, uint32_t metric, uint32_t cpu, uint64_t value,
                    uint64_t time_ns)
{
	const struct point point = {
		.metric = metric,
		.time_ns = time_ns,
		.type = VALUE_U64,
		.value.u64 = value,
		.resource_kind = RESOURCE_CPU_CORE,
		.resource_id = cpu,
		.consumer_kind = CONSUMER_LOCAL_MACHINE,
	};

	return value ? pipeline_push(weigher->pipeline, &point) : 0;
}

/* The points have the time of the sample, or that of a reading that was made much later. */
static int sample_cpu(struct weigher *weigher, struct kernel *kernel, uint32_t cpu,
                      const struct cpu_list *online, uint64_t sample_ns)
{
	struct kernel_weights *before = &weigher->before[cpu];
	struct kernel_weights now;
	uint64_t time_ns;
	int err = 0;

	/* A CPU that went offline keeps the sums of its last switch. */
	kernel_weigh(kernel, cpu, &now);
	time_ns = clock_to_realtime(weigher_is_held_up(online, sample_ns) ? clock_monotonic_ns()
	                                                                  : sample_ns);
	for (uint32_t w = 0; !err && w < weigher->n; w++)
		err = push_cpu(weigher, weigher->cpu_metrics[w], cpu,
		               now.weights[w] - before->weights[w], time_ns);
	if (!err)
		err = push_cpu(weigher, weigher->busy_metric, cpu, now.busy_ns - before->busy_ns,
		               time_ns);
	*before = now;
	return err;
}

/*
 * Also CPUs that are not known to be online: one may have gone since the last sample, and one may
 * have come back. What they used in this window would be missing from it, and be too much for the
 * window in which they are known again.
 */
int weigher_sample(struct weigher *weigher, struct kernel *kernel, const struct cpu_list *online,
                   uint64_t time_ns)
{
	size_t i = 0;
	int err = 0;

	weigher->plan->weighed_ns = time_ns;
	for (uint32_t cpu = 0; !err && cpu < weigher->plan->n_cpus; cpu++) {
		while (i < online->n && online->cpus[i] < cpu)
			i++;
		if ((i < online->n && online->cpus[i] == cpu) || kernel_has_weights(kernel, cpu))
			err = sample_cpu(weigher, kernel, cpu, online, time_ns);
	}
	set_weighing(weigher, kernel);
	return err;
}

/* --- processes -------------------------------------------------------------------------------- */

static int push_process(struct weigher *weigher, const struct process_rows *rows,
                        const struct process *process, uint32_t slot, uint64_t value,
                        uint64_t time_ns)
{
	const uint32_t n_groups = weigher->plan->n_groups;
	struct point point = process_rows_point(rows, process,
	                                        weigher->process_metrics[slot / n_groups], time_ns);

	point.type = VALUE_U64;
	point.value.u64 = value;
	point.resource_kind = RESOURCE_CPU_PACKAGE;
	point.resource_id = slot % n_groups;
	return pipeline_push(weigher->pipeline, &point);
}

int weigher_process(struct weigher *weigher, const struct process_rows *rows,
                    struct process *process, uint64_t time_ns)
{
	const uint32_t slots = weigher->n * weigher->plan->n_groups;
	const uint64_t realtime_ns = clock_to_realtime(time_ns);
	int err = 0;

	for (uint32_t i = 0; !err && i < slots; i++) {
		const uint64_t gained = process->gained[i];

		process->gained[i] = 0;
		if (gained)
			err = push_process(weigher, rows, process, i, gained, realtime_ns);
	}
	return err;
}
