/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/events/event_probe.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "linux/perf_event.h"
#include "sources/perf/fields.h"

/* Generic events have their PMU's type above these bits of config. */
#define GENERIC_CONFIG 0xffffffffULL

/* Give up after the CPU has gone offline this many times in between. */
#define OFFLINE_TRIES 3

/* A core PMU has at least this many general counters: 4 on x86-64, 6 on nearly all arm64 cores. */
#define COUNTERS_MIN 4

static int open_in_kernel(void *data, const struct perf_event_attr *attr, int cpu, int group_fd)
{
	return perf_event_open_on_cpu(attr, cpu, group_fd);
}

/* data: NULL, or a list that keeps software events open while it has room. */
static void close_in_kernel(void *data, int fd, const struct perf_event_attr *attr)
{
	struct event_list *list = data;

	if (list && attr && attr->type == PERF_TYPE_SOFTWARE && list->n_held < EVENTS_HELD)
		list->held[list->n_held++] = fd;
	else
		close(fd);
}

const struct event_prober event_prober_kernel = {
	.open = open_in_kernel,
	.close = close_in_kernel,
};

/* The CPU that runs this code is certainly online. */
static int this_cpu(void)
{
	int cpu = sched_getcpu();

	return cpu < 0 ? 0 : cpu;
}

static bool is_generic(const struct perf_event_attr *attr)
{
	return attr->type == PERF_TYPE_HARDWARE || attr->type == PERF_TYPE_HW_CACHE;
}

static int open_on(const struct event_prober *prober, const struct perf_event_attr *attr, int cpu)
{
	int fd = prober->open(prober->data, attr, cpu, -1);

	if (fd < 0)
		return fd;
	prober->close(prober->data, fd, attr);
	return 0;
}

/*
 * Open attr on a CPU of the instance, and set *cpu to it. ENODEV: the CPU is offline, so another
 * one is tried.
 */
static int try_open(const struct event_prober *prober, const struct perf_event_attr *attr,
                    const struct event_instance *instance, int *cpu)
{
	int err = -ENODEV;

	/* This CPU may go offline in between; then the thread runs on another one. */
	for (int tries = 0; !instance->cpus && err == -ENODEV && tries < OFFLINE_TRIES; tries++) {
		*cpu = this_cpu();
		err = open_on(prober, attr, *cpu);
	}
	for (size_t i = 0; i < instance->n_cpus && err == -ENODEV; i++) {
		*cpu = (int)instance->cpus[i];
		err = open_on(prober, attr, *cpu);
	}
	return err;
}

/*
 * Before Linux 6.6, Arm's PMUs reject a PMU number in a generic event, and do not need it, because
 * the CPU determines the PMU.
 */
static int try_without_pmu(const struct event_prober *prober, struct event_instance *instance)
{
	struct perf_event_attr plain = instance->attr;
	int cpu, err;

	plain.config &= GENERIC_CONFIG;
	err = try_open(prober, &plain, instance, &cpu);
	if (!err)
		instance->attr = plain;
	return err;
}

/*
 * PMUs without privilege levels (PERF_PMU_CAP_NO_EXCLUDE: msr, most uncore ones) reject exclusions.
 */
static int try_with_guests(const struct event_prober *prober, struct event_instance *instance)
{
	struct perf_event_attr all = instance->attr;
	int cpu, err;

	all.exclude_guest = 0;
	err = try_open(prober, &all, instance, &cpu);
	if (!err)
		instance->attr = all;
	return err;
}

static int probe_instance(const struct event_prober *prober, struct event_instance *instance)
{
	const struct perf_event_attr *attr = &instance->attr;
	int cpu, err = try_open(prober, attr, instance, &cpu);

	if ((err == -ENOENT || err == -EINVAL) && is_generic(attr) &&
	    attr->config > GENERIC_CONFIG && instance->cpus &&
	    try_without_pmu(prober, instance) == 0)
		return 0;
	if ((err == -EINVAL || err == -EOPNOTSUPP) && attr->exclude_guest && !attr->exclude_host &&
	    try_with_guests(prober, instance) == 0)
		return 0;
	return err;
}

static void remove_instance(struct event *event, size_t index)
{
	struct event_instance *instance = &event->instances[index];

	free(instance->pmu);
	free(instance->cpus);
	event->n_instances--;
	memmove(instance, instance + 1, (event->n_instances - index) * sizeof(*instance));
}

static int probe_kept(const struct event *event)
{
	const char *why, *remedy;

	return field_is_missing(event->field, PROC, &why, &remedy) ? -EOPNOTSUPP : 0;
}

int event_probe(const struct event_prober *prober, struct event *event)
{
	int *errors;
	size_t failed = 0;
	int err = 0;

	if (event->origin == EVENT_FROM_KERNEL)
		return probe_kept(event);
	errors = calloc(event->n_instances + 1, sizeof(*errors));
	if (!errors)
		return -ENOMEM;
	for (size_t i = 0; i < event->n_instances; i++) {
		errors[i] = probe_instance(prober, &event->instances[i]);
		failed += errors[i] != 0;
	}
	if (failed == event->n_instances) {
		err = errors[0];
		goto out;
	}
	for (size_t i = event->n_instances; i-- > 0;) {
		if (!errors[i])
			continue;
		log_warn("event \"%s\" is not counted on the CPUs of %s: %s", event->text,
		         event->instances[i].pmu, strerror(-errors[i]));
		remove_instance(event, i);
	}
out:
	free(errors);
	return err;
}

static const struct event_instance *instance_for_cpu(const struct event *event, int cpu)
{
	for (size_t i = 0; i < event->n_instances; i++) {
		if (event_instance_is_for(&event->instances[i], (uint32_t)cpu))
			return &event->instances[i];
	}
	return NULL;
}

/*
 * Open the events as a group on a CPU. If one has no instance for the CPU: -EXDEV if all are
 * required, else it is skipped.
 */
static int open_together(const struct event_prober *prober, const struct event *const *events,
                         size_t n, int cpu, bool all)
{
	int fds[EVENTS_MAX];
	size_t opened = 0;
	int err = 0;

	for (size_t i = 0; i < n && !err; i++) {
		const struct event_instance *instance = instance_for_cpu(events[i], cpu);
		int fd = -EXDEV;

		if (!instance && !all)
			continue;
		if (instance)
			fd = prober->open(prober->data, &instance->attr, cpu, opened ? fds[0] : -1);
		if (fd < 0)
			err = fd;
		else
			fds[opened++] = fd;
	}
	while (opened > 0)
		prober->close(prober->data, fds[--opened], NULL);
	return err;
}

int event_probe_group(const struct event_prober *prober, const struct event *events, size_t n)
{
	const struct event *members[EVENTS_MAX];
	size_t n_members = 0;
	int err = 0;

	for (size_t i = 0; i < n; i++) {
		if (events[i].origin == EVENT_FROM_PERF)
			members[n_members++] = &events[i];
	}
	for (size_t i = 0; n_members > 0 && i < members[0]->n_instances && !err; i++) {
		const struct event_instance *instance = &members[0]->instances[i];
		int cpu;

		err = try_open(prober, &instance->attr, instance, &cpu);
		if (!err)
			err = open_together(prober, members, n_members, cpu, true);
	}
	return err;
}

static bool is_of_core(const struct pmu_list *pmus, const struct event *event)
{
	const struct perf_event_attr *attr;
	const struct pmu *pmu;

	if (event->n_instances == 0)
		return false;
	attr = &event->instances[0].attr;
	pmu = pmu_of_type(pmus, attr->type);
	return is_generic(attr) || attr->type == PERF_TYPE_RAW || (pmu && pmu->is_core);
}

bool event_probe_takes_turns(const struct event_prober *prober, const struct pmu_list *pmus,
                             const struct event *events, size_t n)
{
	const struct event *counted[EVENTS_MAX];
	size_t n_counted = 0;

	for (size_t i = 0; i < n; i++) {
		if (is_of_core(pmus, &events[i]))
			counted[n_counted++] = &events[i];
	}
	if (n_counted <= COUNTERS_MIN)
		return false;
	for (size_t i = 0; i < counted[0]->n_instances; i++) {
		const struct event_instance *instance = &counted[0]->instances[i];
		int cpu;

		/* A PMU refuses (EINVAL) a group that it could never count at once. */
		if (try_open(prober, &instance->attr, instance, &cpu) == 0 &&
		    open_together(prober, counted, n_counted, cpu, false) == -EINVAL)
			return true;
	}
	return false;
}
