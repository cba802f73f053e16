/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/losses.h"

#include <stdio.h>

#include "core/log.h"

#define LINE_SIZE 256

void losses_say(const struct losses *losses, size_t left, void (*say)(void *data, const char *line),
                void *data)
{
	const struct {
		unsigned long long n;
		const char *what;
	} items[] = {
		{losses->tasks, "tasks were not followed, nor what they created: more were alive "
	                        "than max_tasks"},
		{losses->records, "ended threads are missing: the ring and the map behind it were "
	                          "full (ring_size, max_tasks)"},
		{losses->execs, "execs have no path and arguments: the ring was full (ring_size)"},
		{losses->args, "argument lists are cut: the ring was full (ring_size)"},
		{losses->reads, "readings of a counter failed; what it counted around them is "
	                        "missing"},
		{losses->slices, "time slices of a task began unseen by the kernel's tracepoint; "
	                         "their counters are estimated by time"},
		{left, "processes outlived the command (--wait-tree waits for them)"},
	};
	char line[LINE_SIZE];
	size_t i;

	for (i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
		if (!items[i].n)
			continue;
		snprintf(line, sizeof(line), "%llu %s", items[i].n, items[i].what);
		say(data, line);
	}
	if (losses->ring_full)
		log_info("the ring was full %llu times; those records were kept in a map",
		         (unsigned long long)losses->ring_full);
}
