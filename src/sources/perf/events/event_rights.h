/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Events that a user may not have for the asking: see linux/privilege.h. */
#ifndef PERF_EVENT_RIGHTS_H
#define PERF_EVENT_RIGHTS_H

#include "sources/perf/events/event_build.h"

/*
 * With privileges that the user lacks, refuse what places probes. Returns 0; -EPERM after telling the
 * user; or event_context_pmus()'s error.
 */
int event_check_rights(struct event_context *context, const struct event *event);

#endif
