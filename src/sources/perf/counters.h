/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The perf events of a run, open on every CPU and counting freely. One counter is one event on one
 * PMU; an event that a hybrid machine counts on two PMUs has two of them, side by side.
 */
#ifndef PERF_COUNTERS_H
#define PERF_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sources/perf/events/event.h"
#include "sources/perf/bpf/kernel.h"

/* How many counters the events take, more than MAX_COUNTERS too. */
size_t counters_needed(const struct event_list *events);

/* An event is counted on some of the CPUs only by some of its counters. */
bool counters_are_sparse(const struct event_list *events);

/* Index of the first counter of event i; the others of it follow. */
uint32_t counters_first(const struct event_list *events, size_t i);

struct counters;

/*
 * Open all events on all CPUs that are online and hand them to the kernel. The events outlive the
 * counters. Returns 0 or a negative errno after telling the user.
 */
int counters_open(const struct event_list *events, struct kernel *kernel,
                  struct counters **counters);

/*
 * The CPU has come online: whatever was opened there is dead. It may have been offline for so short a
 * time that counters_refresh(), which is due after this, could not see it.
 */
void counters_forget(struct counters *counters, uint32_t cpu);

/*
 * Bring in CPUs that have come online since, were forgotten, or could not be opened before. Returns
 * 0, or a negative errno: the others are counted, and the next call tries again. The user is told
 * the first time, and again only when it has gone well in between.
 */
int counters_refresh(struct counters *counters);

/* The CPUs that were online at the last counters_refresh(); the counters' own. */
const struct cpu_list *counters_online(const struct counters *counters);

/* Bring the running task of every online CPU up to date. */
void counters_account_running(struct counters *counters);

void counters_free(struct counters *counters);

#endif
