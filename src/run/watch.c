/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "run/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/exit_status.h"
#include "core/log.h"
#include "linux/descriptors.h"
#include "linux/privilege.h"
#include "run/loop.h"
#include "run/run_report.h"
#include "run/signals.h"
#include "run/stages.h"

struct run {
	const struct watch_run *watch;
	struct watch_targets targets;
	struct stages stages;
	struct signals signals;
	struct loop *loop;
};

static int wait_for_reader(void *data, int fd)
{
	struct run *run = data;

	return loop_wait_writable(run->loop, fd);
}

/* Everything that can fail is done here, before anything is measured. */
static int prepare(struct run *run, const struct config *config)
{
	int err = signals_open(&run->signals);

	if (err)
		return descriptors_log(err, "receive signals");
	if (stages_init(&run->stages, config->n))
		return log_oom();
	run->stages.output_context.wait = wait_for_reader;
	run->stages.output_context.data = run;
	run->stages.watch = &run->targets.watch;
	run->stages.run.argv = run->watch->argv;
	run->stages.run.watched = run->targets.names;
	run->stages.run.number = run->stages.run.repeats = 1;
	err = stages_open(&run->stages, config);
	return err ? err : loop_new(&run->stages, &run->signals, &run->loop);
}

static int measure(struct run *run, const struct config *config)
{
	struct run_info *info = &run->stages.run;
	struct run_end end = {0};
	int err;

	privilege_settle();
	info->start_ns = clock_monotonic_ns();
	info->start_realtime_ns = clock_to_realtime(info->start_ns);
	if (run->watch->report && run_report_check(NULL, &run->stages, config, run->watch->report))
		return EXIT_AGENT;
	if (stages_start(&run->stages))
		return EXIT_AGENT;
	err = loop_watch(run->loop, run->targets.pidfds, run->targets.n,
	                 run->watch->request.for_ns);
	end.wall_ns = clock_monotonic_ns() - info->start_ns;
	end.detached = watch_targets_alive(&run->targets) > 0;
	stages_stop(&run->stages);
	if (stages_end(&run->stages, &end))
		err = -EIO;
	return err ? EXIT_AGENT : EXIT_SUCCESS;
}

int watch_run(const struct watch_run *watch, const struct config *config)
{
	struct run run = {.watch = watch, .signals.fd = -1};
	int err = watch_targets_open(&watch->request, &run.targets);
	int status = err == -EINVAL ? EXIT_USAGE : EXIT_AGENT;

	if (!err) {
		if (!prepare(&run, config))
			status = measure(&run, config);
		if (status == EXIT_SUCCESS && watch->report &&
		    run_report(stages_first_path(&run.stages), watch->report, config->trust_others))
			status = EXIT_AGENT;
		stages_close(&run.stages);
	}
	loop_free(run.loop);
	signals_close(&run.signals);
	watch_targets_close(&run.targets);
	return status;
}
