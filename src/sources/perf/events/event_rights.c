/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/events/event_rights.h"

#include <errno.h>
#include <string.h>

#include "core/log.h"
#include "linux/privilege.h"

/*
 * The id of the tracepoint ftrace:function: enum trace_type of the kernel's kernel/trace/trace.h.
 */
#define TRACE_FN 1

/*
 * The name of an event that places probes in other processes or in the kernel: certain PMUs,
 * breakpoints, ftrace:function. NULL for any other event.
 */
static const char *find_probe(const struct event_context *context,
                              const struct perf_event_attr *attr)
{
	static const char *const names[] = {"uprobe", "kprobe", "breakpoint"};
	const struct pmu *pmu = pmu_of_type(&context->pmus, attr->type);

	if (attr->type == PERF_TYPE_BREAKPOINT)
		return "breakpoint";
	if (attr->type == PERF_TYPE_TRACEPOINT && attr->config == TRACE_FN)
		return "ftrace:function";
	for (size_t i = 0; pmu && i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(pmu->name, names[i]) == 0)
			return names[i];
	}
	return NULL;
}

int event_check_rights(struct event_context *context, const struct event *event)
{
	int err = privilege_is_borrowed() ? event_context_pmus(context) : 0;

	for (size_t i = 0; privilege_is_borrowed() && i < event->n_instances && !err; i++) {
		const char *probe = find_probe(context, &event->instances[i].attr);

		if (!probe)
			continue;
		log_error("event \"%s\": %s places probes in programs of others or in the kernel; "
		          "with capabilities of the program's file, which this user lacks, that is "
		          "not done: run it as root",
		          event->text, probe);
		err = -EPERM;
	}
	return err;
}
