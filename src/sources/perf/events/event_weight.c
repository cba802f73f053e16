/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/events/event_weight.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alumet/weights.h"
#include "core/log.h"
#include "linux/perf_event.h"
#include "sources/perf/events/event_build.h"
#include "sources/perf/events/event_probe.h"

#define APERF "sys/bus/event_source/devices/msr/events/aperf"

/* The generic event of read misses in the last-level cache. */
#define LL_READ_MISS                                                                               \
	(PERF_COUNT_HW_CACHE_LL | PERF_COUNT_HW_CACHE_OP_READ << 8 |                               \
	 PERF_COUNT_HW_CACHE_RESULT_MISS << 16)

/* A pinned event that finds no counter is in error state from the start: read() returns 0. */
static int try_pinned(const struct event_instance *instance)
{
	const int cpu = instance->cpus ? (int)instance->cpus[0] : 0;
	const int fd = perf_event_open_on_cpu(&instance->attr, cpu, -1);
	uint64_t values[8];
	ssize_t got;

	if (fd == -ENODEV || fd == -ENXIO)
		return 0; /* that CPU is offline; the others have been tried */
	if (fd < 0)
		return fd;
	got = read(fd, values, sizeof(values));
	close(fd);
	return got > 0 ? 0 : -EBUSY;
}

static int try_event(struct event *event)
{
	int err;

	for (size_t i = 0; i < event->n_instances; i++)
		event->instances[i].attr.pinned = 1;
	err = event_probe(&event_prober_kernel, event);
	for (size_t i = 0; !err && i < event->n_instances; i++)
		err = try_pinned(&event->instances[i]);
	return err;
}

/* Without modifiers, generic events count user space only; a weight counts the kernel, too. */
static void count_everything(struct event *event)
{
	for (size_t i = 0; i < event->n_instances; i++) {
		event->instances[i].attr.exclude_kernel = 0;
		event->instances[i].attr.exclude_user = 0;
	}
}

/* Build and try one event. Returns 1; 0 with the reason in *why; -EINVAL; or -ENOMEM. */
static int resolve_one(struct event_context *context, const char *text, struct event *event,
                       int *why)
{
	struct event_spec_list specs = {0};
	struct built_event built = {0};
	int err = grammar_parse(text, &specs);

	*why = 0;
	if (!err && specs.n != 1) {
		log_error("energy-attribution: weight = \"%s\": one event is wanted", text);
		err = -EINVAL;
	}
	if (!err)
		err = event_build(context, &specs.specs[0], NULL, &built);
	if (!err) {
		if (!built.modifiers[0] && !specs.specs[0].is_pmu)
			count_everything(&built.event);
		/* What the kernel keeps for a task is CPU time, or counts nothing of a CPU. */
		*why = built.event.origin == EVENT_FROM_PERF ? try_event(&built.event) : -ENOTSUP;
		err = *why == -ENOMEM ? *why : 0;
	}
	if (!err && !*why) {
		*event = built.event;
		built.event = (struct event){0};
		err = 1;
	}
	built_event_fini(&built);
	grammar_free(&specs);
	return err;
}

static int resolve_auto(struct event_context *context, const char *sysroot, struct event *event)
{
	char path[4096];
	int result = 0, why;

	snprintf(path, sizeof(path), "%s/" APERF, sysroot);
	if (access(path, R_OK) == 0)
		result = resolve_one(context, "msr/aperf/", event, &why);
	if (result == 0)
		result = resolve_one(context, "cycles", event, &why);
	return result;
}

int event_weight_resolve(const char *text, const char *sysroot, struct event *event)
{
	struct event_context context = {.sysroot = sysroot};
	int result = 0, why = 0;

	*event = (struct event){0};
	if (strcmp(text, WEIGHT_CPU_TIME) == 0)
		return 0;
	if (strcmp(text, WEIGHT_AUTO) == 0)
		result = resolve_auto(&context, sysroot, event);
	else
		result = resolve_one(&context, text, event, &why);
	if (result == 0 && why)
		log_warn("energy-attribution: weight = \"%s\" cannot be counted all the time: %s\n"
		         "energy is shared by CPU time instead",
		         text, why == -EBUSY ? "every counter is taken" : strerror(-why));
	event_context_fini(&context);
	return result;
}

static bool is_misses(const struct perf_event_attr *attr)
{
	const uint64_t config = attr->config & 0xffffffff;

	return (attr->type == PERF_TYPE_HARDWARE && config == PERF_COUNT_HW_CACHE_MISSES) ||
	       (attr->type == PERF_TYPE_HW_CACHE && config == LL_READ_MISS);
}

const struct event *event_weight_find_misses(const struct event_list *events)
{
	for (size_t i = 0; i < events->n; i++) {
		const struct event *event = &events->events[i];

		if (event->n_instances > 0 && is_misses(&event->instances[0].attr))
			return event;
	}
	return NULL;
}
