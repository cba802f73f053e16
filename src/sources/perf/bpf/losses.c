/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/bpf/losses.h"

#include <inttypes.h>
#include <stdio.h>

#define LINE_SIZE 256

struct item {
	uint64_t n;
	enum report_kind kind;
	const char *one, *many;
};

void losses_say(const struct losses *losses, size_t left,
                void (*say)(void *data, enum report_kind kind, const char *line), void *data)
{
	const struct item items[] = {
		{losses->tasks, REPORT_LOSS,
	         "task was not followed, nor what it created: the map of tasks was full (max_tasks), "
	         "or the kernel had no memory for it",
	         "tasks were not followed, nor what they created: the map of tasks was full "
	         "(max_tasks), or the kernel had no memory for them"},
		{losses->records, REPORT_LOSS,
	         "ended thread is missing: the ring and the map behind it were full (ring_size, "
	         "max_tasks)",
	         "ended threads are missing: the ring and the map behind it were full (ring_size, "
	         "max_tasks)"},
		{losses->execs, REPORT_LOSS,
	         "exec has no path and arguments: the ring was full (ring_size), or the kernel skipped the "
	         "BPF program (PREEMPT_RT)",
	         "execs have no path and arguments: the ring was full (ring_size), or the kernel skipped "
	         "the BPF program (PREEMPT_RT)"},
		{losses->args, REPORT_LOSS, "argument list is cut: the ring was full (ring_size)",
	         "argument lists are cut: the ring was full (ring_size)"},
		{losses->reads, REPORT_LOSS,
	         "reading of a counter failed; what it counted around it is missing",
	         "readings of a counter failed; what it counted around them is missing"},
		{losses->hidden, REPORT_NOTE,
	         "program that this user may not observe (set-user-ID, capabilities, unreadable) was "
	         "followed, but not counted from its start on",
	         "programs that this user may not observe (set-user-ID, capabilities, unreadable) were "
	         "followed, but not counted from their start on"},
		{losses->ring_full, REPORT_NOTE,
	         "record of a thread's end found the ring full and waited in a map",
	         "records of threads' ends found the ring full and waited in a map"},
		{left, REPORT_NOTE, "process outlived the command (--wait-tree waits for it)",
	         "processes outlived the command (--wait-tree waits for them)"},
	};
	char line[LINE_SIZE];
	size_t i;

	for (i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
		const struct item *item = &items[i];

		if (!item->n)
			continue;
		snprintf(line, sizeof(line), "%" PRIu64 " %s", item->n,
		         item->n == 1 ? item->one : item->many);
		say(data, item->kind, line);
	}
}

/* "0.0123 %", "0 %", "100 %" */
void losses_say_estimates(uint64_t slices, double share, const char *label,
                          void (*say)(void *data, enum report_kind kind, const char *line),
                          void *data)
{
	char line[LINE_SIZE];

	if (!slices)
		return;
	snprintf(line, sizeof(line),
	         "%" PRIu64 " time slice%s began unseen by the kernel's tracepoint; %s counts are "
	         "estimates, at most %.3g %% of a total (%s)",
	         slices, slices == 1 ? "" : "s", slices == 1 ? "its" : "their", share * 100.0,
	         label);
	say(data, REPORT_NOTE, line);
}
