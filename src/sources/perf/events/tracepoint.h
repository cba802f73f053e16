/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tracepoints as events, "sched:sched_process_exec", looked up in tracefs. */
#ifndef SOURCES_PERF_EVENTS_TRACEPOINT_H
#define SOURCES_PERF_EVENTS_TRACEPOINT_H

#include <stdint.h>

#include "sources/perf/events/grammar.h"

/*
 * Find the id of the event's tracepoint: the file "id" in tracefs below sysroot. Returns 0; -ENOENT
 * if the name is not "subsystem:tracepoint", there is no such subsystem, or tracefs cannot be read;
 * -EINVAL after logging that the subsystem has no such tracepoint; or -ENOMEM.
 */
int tracepoint_find(const char *sysroot, const struct event_spec *spec, uint64_t *id);

/*
 * Why it is unknown whether a name of that form is a tracepoint: text for a message, with the
 * command that helps. NULL if tracefs can be read, or the name has another form.
 */
const char *tracepoint_obstacle(const char *sysroot, const char *name);

#endif
