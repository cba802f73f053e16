/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whether the kernel will count an event: only opening it tells. What is opened here is closed again
 * at once.
 */
#ifndef PERF_EVENT_PROBE_H
#define PERF_EVENT_PROBE_H

#include <stdbool.h>

#include "sources/perf/events/event.h"
#include "sources/perf/events/pmu.h"

/* How an event is opened for a whole CPU; tests put another machine's kernel in its place. */
struct event_prober {
	/* Returns a descriptor for close(), or a negative errno. group_fd -1: leads its own group. */
	int (*open)(void *data, const struct perf_event_attr *attr, int cpu, int group_fd);
	void (*close)(void *data, int fd);
	void *data;
};

/* perf_event_open(2) of the kernel that runs. */
extern const struct event_prober event_prober_kernel;

/*
 * Open each instance of the event on one of its CPUs. Where the kernel does not take one as it is,
 * drop from its attr what only some kernels or PMUs know and nobody asked for: the exclusion of
 * guests, the PMU's number in a generic event's config. An instance whose PMU has no such event is
 * removed if others remain: said as a warning.
 * Returns 0, or the negative errno of the first instance when none can be opened.
 */
int event_probe(const struct event_prober *prober, struct event *event);

/*
 * Open the events, each of which event_probe() has passed, as one group on each kind of CPU that the
 * first is for. Returns 0, a negative errno of opening, -EXDEV when they have no CPU in common.
 */
int event_probe_group(const struct event_prober *prober, const struct event *events, size_t n);

/*
 * Whether the events of core PMUs among these are more than a CPU counts at once, so that they take
 * turns. pmus: the machine's.
 */
bool event_probe_takes_turns(const struct event_prober *prober, const struct pmu_list *pmus,
                             const struct event *events, size_t n);

#endif
