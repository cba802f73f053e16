/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "run/ticks.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"
#include "run/timer.h"

/* Sampling may take at most 1/100 of one CPU. */
#define WINDOW_COST_SHARE 100

/* A poll takes some 50 us. */
#define SHORT_NS 100000

static int add(struct ticks *ticks, uint64_t interval_ns, uint64_t now_ns)
{
	int fd;

	if (!interval_ns)
		return 0;
	for (size_t i = 0; i < ticks->n; i++) {
		if (ticks->of[i].interval_ns == interval_ns)
			return 0;
	}
	if (interval_ns < SHORT_NS)
		log_warn("a poll interval of %" PRIu64 " ns lets the agent itself keep a CPU busy, "
		         "which disturbs what is measured\n"
		         "choose 1 ms or more: -I 1",
		         interval_ns);
	fd = timer_start(interval_ns, now_ns);
	if (fd < 0)
		return fd;
	ticks->of[ticks->n++] = (struct tick){interval_ns, fd};
	return 0;
}

int ticks_init(struct ticks *ticks, const struct stages *stages, uint64_t now_ns)
{
	int err;

	*ticks = (struct ticks){0};
	/* At most one timer per source, and one for the window. */
	ticks->of = calloc(stages->n_sources + 1, sizeof(*ticks->of));
	if (!ticks->of)
		return -ENOMEM;
	err = add(ticks, pipeline_window_ns(stages->pipeline), now_ns);
	for (size_t i = 0; i < stages->n_sources && !err; i++)
		err = add(ticks, stages->sources[i].source->poll_interval_ns, now_ns);
	return err;
}

void ticks_fini(struct ticks *ticks)
{
	for (size_t i = 0; i < ticks->n; i++)
		close(ticks->of[i].fd);
	free(ticks->of);
	*ticks = (struct ticks){0};
}

/* With many processes to sample, a window lasts several timer intervals. */
static void end_window(struct ticks *ticks, uint64_t interval_ns, struct stages *stages)
{
	const uint64_t now_ns = clock_monotonic_ns();

	if (now_ns + interval_ns / 2 < ticks->next_window_ns) {
		stages->n_prolonged++;
		return;
	}
	stages_end_window(stages);
	ticks->next_window_ns = now_ns + stages->sample_cost_ns * WINDOW_COST_SHARE;
}

/*
 * The window comes first: its samples belong to the time at which it ends. Sources with the same
 * interval are polled one after another, in the order of the plugin table.
 */
void ticks_handle(struct ticks *ticks, size_t index, struct stages *stages)
{
	const uint64_t interval_ns = ticks->of[index].interval_ns;

	if (!timer_take(ticks->of[index].fd))
		return;
	if (interval_ns == pipeline_window_ns(stages->pipeline))
		end_window(ticks, interval_ns, stages);
	for (size_t i = 0; i < stages->n_sources; i++) {
		if (stages->sources[i].source->poll_interval_ns == interval_ns)
			stages_poll(stages, i);
	}
}
