/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/events/event_excludes.h"

void event_set_excludes(struct perf_event_attr *attr, const struct event_modifiers *modifiers,
                        bool user_only)
{
	const bool levels = modifiers->user || modifiers->kernel || modifiers->hypervisor;
	const bool all = modifiers->given && !modifiers->alumet;

	attr->exclude_user = levels && !modifiers->user;
	attr->exclude_kernel = levels ? !modifiers->kernel : user_only && !all;
	attr->exclude_hv = levels ? !modifiers->hypervisor : user_only && !all;
	attr->exclude_guest =
		modifiers->guest ? 0 : modifiers->host || !modifiers->given || modifiers->user;
	attr->exclude_host = modifiers->guest && !modifiers->host;
	attr->exclude_idle = modifiers->not_idle;
}

bool event_same_excludes(const struct perf_event_attr *a, const struct perf_event_attr *b)
{
	return a->exclude_user == b->exclude_user && a->exclude_kernel == b->exclude_kernel &&
	       a->exclude_hv == b->exclude_hv && a->exclude_guest == b->exclude_guest &&
	       a->exclude_host == b->exclude_host && a->exclude_idle == b->exclude_idle;
}
