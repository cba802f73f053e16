/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What to tell the user about an event that is not known or cannot be counted. */
#ifndef PERF_EVENT_EXPLAIN_H
#define PERF_EVENT_EXPLAIN_H

#include "sources/perf/events/event_build.h"

/*
 * Whether the name, which is not known, is something that is asked for otherwise: energy, of the
 * plugin rapl, or a register, of the PMU msr. If so, the user has been told.
 */
bool event_explain_elsewhere(const struct event_spec *spec);

/*
 * The name is neither ours, nor of a core PMU, nor libpfm's (which said answer, in its words why).
 * Returns -EINVAL, or -ENOMEM without words.
 */
int event_explain_unknown(const struct event_context *context, const struct event_spec *spec,
                          enum libpfm_answer answer, const char *why);

/*
 * The PMU counts for others than the CPU it is opened on. Returns -EOPNOTSUPP.
 */
int event_explain_uncore(const struct event_spec *spec, const struct pmu *pmu);

/*
 * The kernel refused to open an event with err (negative errno): say what that means and what helps.
 * Returns the errno for events_resolve().
 */
int event_explain_open(const struct event_context *context, const struct event *event, int err);

/* The events of a group can be opened one by one, but not together. Returns -EINVAL. */
int event_explain_group(const struct event *events, size_t n, int err);

/* Whether err, of an open, says that this machine cannot count the event, whoever asks. */
bool event_is_unsupported(int err);

#endif
