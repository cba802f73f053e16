/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Messages about an event that is unknown or cannot be counted. */
#ifndef SOURCES_PERF_EVENTS_EVENT_EXPLAIN_H
#define SOURCES_PERF_EVENTS_EVENT_EXPLAIN_H

#include "sources/perf/events/event.h"
#include "sources/perf/events/event_context.h"
#include "sources/perf/events/grammar.h"

/*
 * Whether an unknown name is measured by other means: energy (the plugin rapl), or a register (the
 * PMU msr). If so, logs that.
 */
bool event_explain_elsewhere(const struct event_spec *spec);

/*
 * Log that the name is unknown to us, to the core PMUs, and to libpfm (which returned answer, with
 * the text why). Returns -EINVAL, or -ENOMEM, not logged.
 */
int event_explain_unknown(const struct event_context *context, const struct event_spec *spec,
                          enum libpfm_answer answer, const char *why);

/* Log that the PMU counts for more than the CPU on which it is opened. Returns -EOPNOTSUPP. */
int event_explain_uncore(const struct event_spec *spec, const struct pmu *pmu);

/*
 * Log why the kernel refused to open an event with err (negative errno), and what helps. Returns
 * the errno for events_resolve().
 */
int event_explain_open(const struct event_context *context, const struct event *event, int err);

/* Log that a group's events can be opened one by one, but not together. Returns -EINVAL. */
int event_explain_group(const struct event *events, size_t n, int err);

/*
 * Whether err, from opening an event, means that this machine cannot count it, whatever the
 * privileges.
 */
bool event_is_unsupported(int err);

#endif
