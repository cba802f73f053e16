/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Parses the event of a profile: "", "HZ", "EVENT", "EVENT@PERIOD". */
#ifndef SOURCES_PERF_PROFILE_PROFILE_EVENT_H
#define SOURCES_PERF_PROFILE_PROFILE_EVENT_H

#include "sources/perf/profile/sampler.h"

#define PROFILE_HZ 99

/* Why the setting of --profile= is none of these, or NULL. field: a char *. */
const char *profile_event_problem(const void *field);

/*
 * Fill in the event from the argument of --profile=, in which profile_event_problem() finds none.
 * Returns 0, or -EINVAL, -ENOENT, -EOPNOTSUPP …, logged, or -ENOMEM. The name is to be freed in any
 * case.
 */
int profile_event_parse(const char *text, struct sample_event *event);

#endif
