/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What was lost or left out, in words. */
#ifndef PERF_LOSSES_H
#define PERF_LOSSES_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/record.h"
#include "alumet/source.h"

/* Calls say() with a line for each that is not 0. left: processes that outlived the run. */
void losses_say(const struct losses *losses, size_t left,
                void (*say)(void *data, enum report_kind kind, const char *line), void *data);

/*
 * A line for the time slices whose counts are estimates, unless there are none. share: the largest that
 * estimates have in an event's total, 0 to 1; label: that event's.
 */
void losses_say_estimates(uint64_t slices, double share, const char *label,
                          void (*say)(void *data, enum report_kind kind, const char *line),
                          void *data);

#endif
