/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/counters.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "linux/cpu_list.h"
#include "core/log.h"
#include "linux/perf_event.h"

#define ONLINE "/sys/devices/system/cpu/online"

struct counters {
	const struct event_list *events;
	struct kernel *kernel;
	struct cpu_list online;
	bool has_complained; /* an error was logged, and there was no success since */
};

size_t counters_needed(const struct event_list *events)
{
	size_t i, n = 0;

	for (i = 0; i < events->n; i++)
		n += events->events[i].n_instances;
	return n;
}

bool counters_are_sparse(const struct event_list *events)
{
	size_t i, j;

	for (i = 0; i < events->n; i++) {
		const struct event *event = &events->events[i];

		for (j = 0; j < event->n_instances; j++) {
			if (event->instances[j].cpus)
				return true;
		}
	}
	return false;
}

/*
 * Whether the event always counts, because it needs no hardware counter. In a group it may have to
 * wait for the others.
 */
static bool is_always_on(const struct event *event, const struct event_instance *instance)
{
	return event->group < 0 && (instance->attr.type == PERF_TYPE_SOFTWARE ||
	                            instance->attr.type == PERF_TYPE_TRACEPOINT);
}

uint32_t counters_always_on(const struct event_list *events)
{
	uint32_t counter = 0, mask = 0;

	for (size_t i = 0; i < events->n; i++) {
		const struct event *event = &events->events[i];

		for (size_t j = 0; j < event->n_instances; j++, counter++) {
			if (counter < MAX_COUNTERS && is_always_on(event, &event->instances[j]))
				mask |= 1U << counter;
		}
	}
	return mask;
}

bool counters_have_tracepoints(const struct event_list *events)
{
	for (size_t i = 0; i < events->n; i++) {
		const struct event *event = &events->events[i];

		for (size_t j = 0; j < event->n_instances; j++) {
			if (event->instances[j].attr.type == PERF_TYPE_TRACEPOINT)
				return true;
		}
	}
	return false;
}

uint32_t counters_first(const struct event_list *events, size_t i)
{
	const struct event_list before = {.events = events->events, .n = i};

	return (uint32_t)counters_needed(&before);
}

/*
 * Open one counter on one CPU. *leader_fd is the descriptor of the group's first event on this CPU,
 * or -1. The kernel's map keeps the event open, so that its descriptor is closed at once, except
 * that of a leader while its group grows.
 */
static int open_on_cpu(struct counters *counters, const struct event *event,
                       const struct event_instance *instance, uint32_t counter, uint32_t cpu,
                       int *leader_fd)
{
	struct perf_event_attr attr = instance->attr;
	int err, fd;

	/*
	 * Reading such an event fails if its CPU was offline: bpf/counting.h does not see its time.
	 */
	if (is_always_on(event, instance))
		attr.pinned = 1;
	fd = perf_event_open_on_cpu(&attr, (int)cpu, event->group < 0 ? -1 : *leader_fd);
	if (fd == -ENODEV || fd == -ENXIO)
		return -ENODEV; /* the CPU is not online */
	if (fd < 0) {
		if (!counters->has_complained)
			log_error("cannot open event '%s' on CPU %u: %s", event->text, cpu,
			          strerror(-fd));
		return fd;
	}
	err = kernel_set_event(counters->kernel, cpu, counter, fd);
	if (err && !counters->has_complained)
		log_error("cannot hand event '%s' of CPU %u to the BPF programs: %s", event->text,
		          cpu, strerror(-err));
	if (event->group >= 0 && *leader_fd < 0)
		*leader_fd = fd;
	else
		close(fd);
	return err;
}

/* Returns 0; -ENODEV when the CPU is not online; another negative errno, logged. */
static int open_cpu(struct counters *counters, uint32_t cpu)
{
	const struct event_list *events = counters->events;
	int leader_fd = -1, group = -1, err = 0;
	uint32_t counter = 0;
	size_t i, j;

	for (i = 0; i < events->n && !err; i++) {
		const struct event *event = &events->events[i];

		if (event->group != group && leader_fd >= 0) {
			close(leader_fd);
			leader_fd = -1;
		}
		group = event->group;
		for (j = 0; j < event->n_instances && !err; j++, counter++) {
			if (event_instance_is_for(&event->instances[j], cpu))
				err = open_on_cpu(counters, event, &event->instances[j], counter,
				                  cpu, &leader_fd);
		}
	}
	if (leader_fd >= 0)
		close(leader_fd);
	return err;
}

static bool has_instance_for(const struct event *event, uint32_t cpu)
{
	for (size_t i = 0; i < event->n_instances; i++) {
		if (event_instance_is_for(&event->instances[i], cpu))
			return true;
	}
	return false;
}

/*
 * The counters that the CPU does not have, because they are of the other core types' PMUs. That an
 * event of several core types has none for this one is no such case: the CPU came online after the
 * PMUs' lists of CPUs were read, and what runs there is not counted.
 */
static uint32_t absent_on_cpu(const struct event_list *events, uint32_t cpu)
{
	uint32_t counter = 0, mask = 0;

	for (size_t i = 0; i < events->n; i++) {
		const struct event *event = &events->events[i];
		const bool is_known = event->n_instances == 1 || has_instance_for(event, cpu);

		for (size_t j = 0; j < event->n_instances; j++, counter++) {
			if (is_known && counter < MAX_COUNTERS &&
			    !event_instance_is_for(&event->instances[j], cpu))
				mask |= 1U << counter;
		}
	}
	return mask;
}

static void remove_cpu(struct cpu_list *list, uint32_t cpu)
{
	size_t i, kept = 0;

	for (i = 0; i < list->n; i++) {
		if (list->cpus[i] != cpu)
			list->cpus[kept++] = list->cpus[i];
	}
	list->n = kept;
}

void counters_forget(struct counters *counters, uint32_t cpu)
{
	remove_cpu(&counters->online, cpu);
}

/* Open the counters on new CPUs in the list; remove those CPUs that fail. */
static int open_new(struct counters *counters, struct cpu_list *now)
{
	int result = 0;
	size_t i = 0;

	while (i < now->n) {
		uint32_t cpu = now->cpus[i];
		int err = 0;

		if (!cpu_list_has(&counters->online, cpu)) {
			kernel_clear_base(counters->kernel, cpu);
			err = open_cpu(counters, cpu);
			if (!err)
				kernel_set_absent(counters->kernel, cpu,
				                  absent_on_cpu(counters->events, cpu));
		}
		if (!err) {
			i++;
			continue;
		}
		remove_cpu(now, cpu);
		if (err == -ENODEV)
			continue; /* not online yet, or offline again */
		counters->has_complained = true;
		result = result ? result : err;
	}
	return result;
}

int counters_refresh(struct counters *counters)
{
	struct cpu_list now;
	int err = cpu_list_read(AT_FDCWD, ONLINE, &now);

	if (err) {
		if (!counters->has_complained)
			log_error("cannot read %s: %s", ONLINE, strerror(-err));
		counters->has_complained = true;
		return err;
	}
	err = open_new(counters, &now);
	if (!err)
		counters->has_complained = false;
	cpu_list_free(&counters->online);
	counters->online = now;
	return err;
}

const struct cpu_list *counters_online(const struct counters *counters)
{
	return &counters->online;
}

void counters_account_running(struct counters *counters)
{
	size_t i;

	/* A CPU that went offline since runs nothing. */
	for (i = 0; i < counters->online.n; i++)
		kernel_account_running(counters->kernel, counters->online.cpus[i]);
}

void counters_account_tree(struct counters *counters)
{
	for (size_t i = 0; i < counters->online.n; i++) {
		if (kernel_may_run(counters->kernel, counters->online.cpus[i]))
			kernel_account_running(counters->kernel, counters->online.cpus[i]);
	}
}

int counters_open(const struct event_list *events, struct kernel *kernel, struct counters **result)
{
	struct counters *counters = calloc(1, sizeof(*counters));
	int err;

	*result = NULL;
	if (!counters)
		return log_oom();
	counters->events = events;
	counters->kernel = kernel;
	err = counters_refresh(counters);
	if (err) {
		counters_free(counters);
		return err;
	}
	*result = counters;
	return 0;
}

void counters_free(struct counters *counters)
{
	if (!counters)
		return;
	cpu_list_free(&counters->online);
	free(counters);
}
