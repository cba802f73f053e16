/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/perf_source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "linux/hotplug.h"
#include "linux/privilege.h"
#include "sources/perf/bpf/loading.h"
#include "sources/perf/bpf/losses.h"
#include "sources/perf/check/check.h"
#include "sources/perf/perf.h"

/* The progress line shows values that are not older than this. */
#define FRESH_NS (500 * NSEC_PER_MSEC)

static void perf_close(struct source *source)
{
	struct perf *perf = (struct perf *)source;

	perf_teardown(perf);
	free(perf);
}

static int perf_begin(const void *settings, const struct source_context *context,
                      struct source **source)
{
	struct perf *perf = calloc(1, sizeof(*perf));
	int err;

	if (!perf)
		return log_oom();
	perf->source.ops = &perf_source;
	perf->settings = settings;
	perf->pipeline = context->pipeline;
	perf->epoll_fd = -1;
	perf->hotplug_fd = -1;
	perf->names_fd = -1;
	perf->watch = context->watch;
	err = perf_begin_loading(perf);
	if (err)
		perf_close(&perf->source);
	else
		*source = &perf->source;
	return err;
}

static int perf_open(const void *settings, const struct source_context *context,
                     struct source **source)
{
	struct perf *perf = (struct perf *)*source;
	int err;

	perf_connect(perf);
	err = perf_setup(perf, context);
	if (err) {
		perf_close(&perf->source);
		return err;
	}
	perf->source.poll_interval_ns = perf->settings->poll_interval_ns;
	perf->source.flush_interval_ns = perf->settings->flush_interval_ns;
	return 0;
}

static int perf_load_programs(struct source *source, const struct source_context *context)
{
	struct perf *perf = (struct perf *)source;
	int err = perf_load(perf, context);

	perf->source.fd = perf->epoll_fd;
	return err;
}

static int perf_start(struct source *source)
{
	struct perf *perf = (struct perf *)source;
	int err, fd;

	/*
	 * Sample the first weights after the first reading of the energy: the time to load the
	 * program would otherwise be in the energy, but not in the weights.
	 */
	if (perf->weigher || perf->watch) {
		privilege_raise();
		fd = programs_demand_fd(&perf->programs);
		privilege_lower();
		if (fd < 0)
			return fd; /* logged */
	}
	err = kernel_arm(perf->kernel);
	perf->start_ns = clock_monotonic_ns();
	if (err)
		return log_errno(err, "cannot run a BPF program on demand: %s", strerror(-err));
	if (perf->profile)
		profile_start(perf->profile);
	return perf->adoption ? perf_adopt(perf) : 0;
}

/*
 * A command that has run for a while may go on for long, and the agent may be stopped: the reserve
 * has room for tasks that end meanwhile. Without it, there is some in the map of tasks.
 */
static void add_reserve(struct perf *perf)
{
	int err;

	if (perf->has_reserve ||
	    !programs_need_reserve(maps_allocate_on_demand(), clock_monotonic_ns() - perf->start_ns,
	                           kernel_records(perf->kernel)))
		return;
	perf->has_reserve = true;
	err = programs_add_reserve(&perf->programs);
	if (err)
		log_info("no reserve for a full ring: %s", strerror(-err));
}

static void on_cpu_online(void *data, uint32_t cpu)
{
	struct perf *perf = data;

	counters_forget(perf->counters, cpu);
	if (perf->profile)
		profile_forget_cpu(perf->profile, cpu);
	perf->cpus_changed = true;
}

static int perf_ready(struct source *source)
{
	struct perf *perf = (struct perf *)source;
	int err;

	add_reserve(perf);
	if (perf->hotplug_fd >= 0)
		hotplug_take(perf->hotplug_fd, on_cpu_online, perf);
	if (perf->cpus_changed)
		perf_refresh_counters(perf);
	err = perf->profile ? profile_drain(perf->profile) : 0;
	if (err)
		return err;
	return perf->watch ? perf_read_names(perf) : kernel_drain(perf->kernel);
}

static int on_polled(void *data, struct process *process)
{
	struct perf *perf = data;

	if (perf->wants_peak)
		perf_update_peak(process);
	return rows_counted(perf->rows, process, perf_seen_ns(perf, process));
}

static int on_weighed(void *data, struct process *process)
{
	struct perf *perf = data;

	return weigher_process(perf->weigher, perf->process_rows, process, perf->now_ns);
}

/*
 * CPUs come first, right after the energy was read, then the tasks, which continue to run. What
 * they use until the round ends is in their weights, so that they would weigh more than the CPUs if
 * the agent got no CPU meanwhile.
 */
static int perf_sample(struct source *source, uint64_t begun_ns)
{
	struct perf *perf = (struct perf *)source;
	const struct cpu_list *online = counters_online(perf->counters);
	int err;

	if (!perf->weigher)
		return 0;
	if (!perf->is_weighing) {
		perf->is_weighing = true;
		weigher_start(perf->weigher, perf->kernel, online);
		return 0;
	}
	perf->now_ns = clock_monotonic_ns();
	err = weigher_sample(perf->weigher, perf->kernel, online, perf->now_ns);
	kernel_begin_round(perf->kernel);
	if (!err && begun_ns && weigher_is_held_up(online, begun_ns))
		return SAMPLE_AGAIN;
	if (!err)
		err = kernel_drain(perf->kernel);
	if (!err)
		err = kernel_take_changes(perf->kernel);
	if (!err && perf->profile)
		err = profile_drain(perf->profile); /* before the interval has its price */
	return err ? err : processes_weigh(perf->processes, on_weighed, perf);
}

static int perf_poll(struct source *source)
{
	struct perf *perf = (struct perf *)source;
	int err;

	perf_refresh_counters(perf); /* for systems without uevents */
	add_reserve(perf);
	err = perf_update(perf, perf->wants_fields);
	if (!err)
		err = processes_for_each(perf->processes, false, on_polled, perf);
	if (!err)
		err = perf_cgroups_push(perf, perf->now_ns);
	if (!err && perf->adoption && adoption_is_due(perf->adoption))
		err = perf_follow_moves(perf);
	return err;
}

/* With a poll interval of a second or less, the numbers are new. */
static void perf_progress(struct source *source, struct run_progress *progress)
{
	struct perf *perf = (struct perf *)source;

	if (progress->now_ns > perf->updated_ns + FRESH_NS && perf_update(perf, false))
		return;
	progress->has_processes = true;
	progress->n_alive = processes_left(perf->processes);
	progress->n_ended = perf->ended_n;
	progress->cpu_ns = perf->ended_cpu_ns + processes_left_cpu_ns(perf->processes);
	progress->cpu_at_ns = perf->updated_ns;
}

static void perf_report(struct source *source,
                        void (*say)(void *data, enum report_kind kind, const char *line),
                        void *data)
{
	struct perf *perf = (struct perf *)source;
	struct losses losses = kernel_losses(perf->kernel);
	const char *most_estimated, *least_counted;
	double share = rows_most_estimated(perf->rows, &most_estimated);
	double counted = rows_least_counted(perf->rows, &least_counted);
	char *estimated = most_estimated ? perf_readable_label(most_estimated) : NULL;
	char *shared = least_counted ? perf_readable_label(least_counted) : NULL;

	if (perf->cpus_changed)
		say(data, REPORT_LOSS,
		    "CPUs that came online during the run, if any did, are not counted");
	if (perf->profile)
		profile_report(perf->profile, say, data);
	losses_say(&losses, &perf->seen, processes_left(perf->processes),
	           perf->watch            ? LEFT_BY_WATCH
	           : perf->waits_for_tree ? LEFT_BY_SIGNAL
	                                  : LEFT_BY_COMMAND,
	           say, data);
	losses_say_shared(counted, shared ? shared : least_counted, say, data);
	if (most_estimated)
		losses_say_estimates(&losses, &perf->seen, share,
		                     estimated ? estimated : most_estimated, say, data);
	free(shared);
	free(estimated);
}

/* With --wait-tree, and in a watch: from the first call on, each end of a task wakes the agent. */
static bool perf_busy(struct source *source)
{
	struct perf *perf = (struct perf *)source;

	/* A watch is long, and may notice its end a moment later. */
	if (!perf->watch)
		kernel_wake_always(perf->kernel);
	perf->waits_for_tree = !perf->watch;
	return kernel_alive(perf->kernel) > 0;
}

const struct source_ops perf_source = {
	.begin = perf_begin,
	.open = perf_open,
	.load = perf_load_programs,
	.start = perf_start,
	.poll = perf_poll,
	.sample = perf_sample,
	.progress = perf_progress,
	.ready = perf_ready,
	.busy = perf_busy,
	.stop = perf_stop,
	.finish = perf_finish,
	.report = perf_report,
	.close = perf_close,
};

const struct plugin perf_plugin = {
	.kind = PLUGIN_SOURCE,
	.name = "perf",
	.help = "counts events for each process of the command's tree",
	.settings = perf_setting_table,
	.settings_size = sizeof(struct perf_settings),
	.def = PLUGIN_ON,
	.role = "-e",
	.check = perf_check,
	.source = &perf_source,
};
