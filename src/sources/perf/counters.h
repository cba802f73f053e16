/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The perf events of a run, which count on every CPU all the time. A counter is one event on one
 * PMU; on a hybrid machine, an event may have two counters.
 */
#ifndef SOURCES_PERF_COUNTERS_H
#define SOURCES_PERF_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sources/perf/events/event.h"
#include "sources/perf/bpf/kernel.h"

/* The number of counters that the events need; it may exceed MAX_COUNTERS. */
size_t counters_needed(const struct event_list *events);

/* Whether some counters only exist on some of the CPUs. */
bool counters_are_sparse(const struct event_list *events);

/* Whether tracepoints are counted, which may include those of the BPF programs. */
bool counters_have_tracepoints(const struct event_list *events);

/*
 * Bit i: the event of counter i always counts while its CPU is online, as software events do, and
 * is opened so that it can be read without the times for scaling.
 */
uint32_t counters_always_on(const struct event_list *events);

/* Index of the first counter of event i; its other counters follow. */
uint32_t counters_first(const struct event_list *events, size_t i);

struct counters;

/*
 * Open all events on all CPUs that are online and hand them to the kernel. The events outlive the
 * counters. Returns 0 or a negative errno, logged.
 */
int counters_open(const struct event_list *events, struct kernel *kernel,
                  struct counters **counters);

/*
 * The CPU has come online: events that were opened there before no longer count. It may have been
 * offline too briefly for counters_refresh() to notice, which has to be called after this.
 */
void counters_forget(struct counters *counters, uint32_t cpu);

/*
 * Open the counters of CPUs that have come online, were forgotten, or failed before. Returns 0 or a
 * negative errno; the other counters work, and the next call retries. An error is logged once until
 * a call succeeds.
 */
int counters_refresh(struct counters *counters);

/* The CPUs that were online at the last counters_refresh(), owned by the counters. */
const struct cpu_list *counters_online(const struct counters *counters);

/* Update the account of the running task on each online CPU. */
void counters_account_running(struct counters *counters);

/*
 * The same without CPUs that run none of the tree's, as far as their switches were seen: each takes
 * an interrupt, which an idle CPU wakes up for.
 */
void counters_account_tree(struct counters *counters);

void counters_free(struct counters *counters);

#endif
