/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whether the kernel can count an event, which only opening it shows. What is opened here is closed
 * at once, except software events: see events_release().
 */
#ifndef SOURCES_PERF_EVENTS_EVENT_PROBE_H
#define SOURCES_PERF_EVENTS_EVENT_PROBE_H

#include <stdbool.h>

#include "sources/perf/events/event.h"
#include "sources/perf/events/pmu.h"

/* How to open an event on a whole CPU; tests replace it to simulate another machine's kernel. */
struct event_prober {
	/*
	 * Returns a file descriptor for close(), or a negative errno. group_fd -1: leads its own
	 * group.
	 */
	int (*open)(void *data, const struct perf_event_attr *attr, int cpu, int group_fd);
	/* attr: what it was opened with; NULL for one of a group. */
	void (*close)(void *data, int fd, const struct perf_event_attr *attr);
	void *data;
};

/*
 * perf_event_open(2) of the running kernel. data may be a struct event_list, which then keeps some
 * software events open.
 */
extern const struct event_prober event_prober_kernel;

/*
 * Open each instance of the event on one of its CPUs. If the kernel rejects its attr, drop what was
 * not requested and only some kernels or PMUs know: the exclusion of guests, and the PMU's number
 * in a generic event's config. An instance that cannot be opened is removed with a warning if
 * others remain. Returns 0, or the negative errno of the first instance if none can be opened.
 */
int event_probe(const struct event_prober *prober, struct event *event);

/*
 * Open the events, which event_probe() has accepted one by one, as a group on one CPU of each
 * instance of the first event. Returns 0, a negative errno of opening, or -EXDEV if they have no
 * CPU in common.
 */
int event_probe_group(const struct event_prober *prober, const struct event *events, size_t n);

/*
 * Whether these include more events of core PMUs than a CPU can count at once, so that they are
 * multiplexed. pmus: the machine's.
 */
bool event_probe_takes_turns(const struct event_prober *prober, const struct pmu_list *pmus,
                             const struct event *events, size_t n);

#endif
