/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tracepoints as events: "sched:sched_process_exec". What tracefs knows of them. */
#ifndef PERF_TRACEPOINT_H
#define PERF_TRACEPOINT_H

#include <stdint.h>

#include "sources/perf/events/grammar.h"

/*
 * The number by which the kernel knows the tracepoint that the event names: its file "id" in tracefs
 * below sysroot. Returns 0; -ENOENT when the name is no "subsystem:tracepoint", or there is no such
 * subsystem, or tracefs cannot be looked into; -EINVAL after telling the user that the subsystem has
 * no such tracepoint; -ENOMEM.
 */
int tracepoint_find(const char *sysroot, const struct event_spec *spec, uint64_t *id);

/*
 * Why a name of that form might be a tracepoint all the same: words for a message, with the command
 * that helps. NULL when tracefs can be looked into, or the name is of another form.
 */
const char *tracepoint_obstacle(const char *sysroot, const char *name);

#endif
