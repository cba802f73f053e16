/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/counters.h"

#include <errno.h>
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
	bool has_complained; /* since it last went well */
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

uint32_t counters_first(const struct event_list *events, size_t i)
{
	const struct event_list before = {.events = events->events, .n = i};

	return (uint32_t)counters_needed(&before);
}

/*
 * Open one counter on one CPU. *leader_fd is the descriptor of the first event of the group on this
 * CPU, -1 when there is none yet. The kernel's map keeps the event open, so its descriptor is closed
 * at once, but for a leader whose group still grows.
 */
static int open_on_cpu(struct counters *counters, const struct event *event,
                       const struct event_instance *instance, uint32_t counter, uint32_t cpu,
                       int *leader_fd)
{
	int fd = perf_event_open_on_cpu(&instance->attr, (int)cpu,
	                                event->group < 0 ? -1 : *leader_fd);
	int err;

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

/* Returns 0; -ENODEV when the CPU is not online; another negative errno, said to the user. */
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

/* Open what is new of the CPUs of the list, and leave out of it what cannot be opened now. */
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
		}
		if (!err) {
			i++;
			continue;
		}
		remove_cpu(now, cpu);
		if (err == -ENODEV)
			continue; /* not up yet, or down again */
		counters->has_complained = true;
		result = result ? result : err;
	}
	return result;
}

int counters_refresh(struct counters *counters)
{
	struct cpu_list now;
	int err = cpu_list_read(ONLINE, &now);

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

int counters_open(const struct event_list *events, struct kernel *kernel, struct counters **result)
{
	struct counters *counters = calloc(1, sizeof(*counters));
	int err;

	*result = NULL;
	if (!counters) {
		log_error("out of memory for the events");
		return -ENOMEM;
	}
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
