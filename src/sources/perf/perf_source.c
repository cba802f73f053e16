/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/perf_source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>

#include "core/clock.h"
#include "core/log.h"
#include "linux/hotplug.h"
#include "linux/peak_rss.h"
#include "sources/perf/bpf/losses.h"
#include "sources/perf/check/check.h"
#include "sources/perf/perf.h"

/*
 * How long the command's last record is waited for after the command has ended: it is made at the
 * last switch, microseconds after the exit is announced, if a CPU has time for the switch.
 */
#define LAST_RECORD_TIMEOUT_NS (2 * NSEC_PER_SEC)

/* Most commands that run at all run shorter, and need not pay for a large map. */
#define RESERVE_AFTER_NS (50 * NSEC_PER_MSEC)

static void perf_close(struct source *source)
{
	struct perf *perf = (struct perf *)source;

	perf_teardown(perf);
	free(perf);
}

static int perf_open(const void *settings, const struct source_context *context,
                     struct source **source)
{
	struct perf *perf = calloc(1, sizeof(*perf));
	int err;

	if (!perf) {
		log_error("out of memory for the events");
		return -ENOMEM;
	}
	perf->settings = settings;
	perf->pipeline = context->pipeline;
	perf->epoll_fd = -1;
	perf->hotplug_fd = -1;
	perf_connect(perf);
	err = perf_setup(perf, context);
	if (err) {
		perf_close(&perf->source);
		return err;
	}
	perf->source = (struct source){
		.ops = &perf_source,
		.poll_interval_ns = perf->settings->poll_interval_ns,
		.flush_interval_ns = perf->settings->flush_interval_ns,
		.fd = perf->epoll_fd,
	};
	*source = &perf->source;
	return 0;
}

static int perf_start(struct source *source)
{
	struct perf *perf = (struct perf *)source;
	int err, fd;

	/*
	 * The first weights are sampled after the first reading of the energy: the work of loading
	 * between the two would be in the energy and not in the weights.
	 */
	if (perf->weigher) {
		fd = programs_demand_fd(&perf->programs);
		if (fd < 0)
			return fd; /* which has been explained */
	}
	err = kernel_arm(perf->kernel);
	perf->start_ns = clock_monotonic_ns();
	if (err)
		log_error("cannot run a BPF program on demand: %s", strerror(-err));
	return err;
}

/*
 * A command that has run for a while may go on for long, and the agent may be kept from reading: then
 * there is room for what ends meanwhile. Without it the map of tasks has some.
 */
static void add_reserve(struct perf *perf)
{
	int err;

	if (perf->has_reserve || clock_monotonic_ns() < perf->start_ns + RESERVE_AFTER_NS)
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
	perf->cpus_changed = true;
}

/* What fails now may do later: the machine was out of files, or of memory. */
static void refresh_counters(struct perf *perf)
{
	perf->cpus_changed = counters_refresh(perf->counters) != 0;
}

static int perf_ready(struct source *source)
{
	struct perf *perf = (struct perf *)source;

	add_reserve(perf);
	if (perf->hotplug_fd >= 0)
		hotplug_take(perf->hotplug_fd, on_cpu_online, perf);
	if (perf->cpus_changed)
		refresh_counters(perf);
	return kernel_drain(perf->kernel);
}

/* Bring every account up to date, those of running tasks too. */
static int look(struct perf *perf, bool with_fields)
{
	int err;

	/* With nobody there is nothing to load the program for. */
	if (kernel_alive(perf->kernel))
		counters_account_running(perf->counters);
	perf->now_ns = clock_monotonic_ns();
	err = kernel_drain(perf->kernel);
	return err ? err : kernel_snapshot(perf->kernel, with_fields);
}

/* When the look saw the process: one that began after the clock was read, at its beginning. */
static uint64_t seen_ns(const struct perf *perf, const struct process *process)
{
	return process->begin_ns > perf->now_ns ? process->begin_ns : perf->now_ns;
}

/*
 * The kernel brings signal->maxrss up to date when a process ends or executes a program; until then
 * its memory map knows. The pid is not another process's: the kernel hands pids out in ascending order.
 */
static void ask_for_peak(struct process *process)
{
	__u64 *peak = &process->sum->fields[TASK_PEAK_RSS];
	uint64_t now;

	if (*peak != TASK_FIELD_NONE && !process->is_hidden &&
	    !peak_rss_read(process->id.pid, &now) && now > *peak)
		*peak = now;
}

static int on_polled(void *data, struct process *process)
{
	struct perf *perf = data;

	if (perf->wants_peak)
		ask_for_peak(process);
	return rows_counted(perf->rows, process, seen_ns(perf, process));
}

static int on_weighed(void *data, struct process *process)
{
	struct perf *perf = data;

	return weigher_process(perf->weigher, perf->process_rows, process, perf->now_ns);
}

/* The CPUs first: right after the energy was read. Then the tasks, which go on meanwhile. */
static int perf_sample(struct source *source)
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
	if (!err)
		err = kernel_drain(perf->kernel);
	if (!err)
		err = kernel_snapshot(perf->kernel, false);
	return err ? err : processes_weigh(perf->processes, on_weighed, perf);
}

static int perf_poll(struct source *source)
{
	struct perf *perf = (struct perf *)source;
	int err;

	refresh_counters(perf); /* where there are no uevents */
	add_reserve(perf);
	err = look(perf, perf->wants_fields);
	if (!err)
		err = processes_for_each(perf->processes, false, on_polled, perf);
	return err;
}

/* It may not have: a second SIGTERM ends the run before it. The agent reaps it later. */
static bool command_has_ended(const struct perf *perf)
{
	siginfo_t info = {.si_pid = 0};

	return !waitid(P_PID, kernel_root(perf->kernel), &info, WEXITED | WNOHANG | WNOWAIT) &&
	       info.si_pid;
}

/*
 * The command's last record is in the ring, or will be after its last switch. There is none of a
 * command that was killed before its execve() was through.
 */
static int perf_stop(struct source *source)
{
	struct perf *perf = (struct perf *)source;
	uint64_t deadline = clock_monotonic_ns() + LAST_RECORD_TIMEOUT_NS;
	int err = kernel_drain(perf->kernel);

	while (!err && !processes_root_ended(perf->processes) && !kernel_root_gone(perf->kernel) &&
	       clock_monotonic_ns() < deadline && command_has_ended(perf)) {
		struct epoll_event event;

		epoll_wait(kernel_fd(perf->kernel), &event, 1, 1);
		err = kernel_drain(perf->kernel);
	}
	return err;
}

static int report_left(void *data, struct process *process)
{
	struct perf *perf = data;
	int err;

	process->end_ns = seen_ns(perf, process);
	ask_for_peak(process);
	rows_add_to_totals(perf->rows, process);
	err = perf_push_life(perf, process);
	if (!err)
		err = process_rows_renamed(perf->process_rows, process, process->end_ns);
	if (!err && process->has_changed)
		err = rows_counted(perf->rows, process, process->end_ns);
	return err;
}

/*
 * A process whose parent has its exit status has ended, although its last switch may be still to come:
 * where CPUs are busy, or with PREEMPT_RT. That is waited for, as the command's is.
 */
static int await_ends(struct perf *perf)
{
	uint64_t deadline = clock_monotonic_ns() + LAST_RECORD_TIMEOUT_NS;
	int err = look(perf, true);

	while (!err && kernel_ending(perf->kernel) && clock_monotonic_ns() < deadline) {
		struct epoll_event event;

		epoll_wait(kernel_fd(perf->kernel), &event, 1, 1);
		err = look(perf, true);
	}
	return err;
}

/* What still lives has its rows too, as far as it got. */
static int perf_finish(struct source *source)
{
	struct perf *perf = (struct perf *)source;
	int err;

	if (perf->cpus_changed)
		refresh_counters(perf);
	err = await_ends(perf);
	return err ? err : processes_for_each(perf->processes, true, report_left, perf);
}

static void perf_report(struct source *source,
                        void (*say)(void *data, enum report_kind kind, const char *line),
                        void *data)
{
	struct perf *perf = (struct perf *)source;
	struct losses losses = kernel_losses(perf->kernel);
	const char *most_estimated;
	double share = rows_most_estimated(perf->rows, &most_estimated);

	if (perf->cpus_changed)
		say(data, REPORT_LOSS,
		    "CPUs that came online during the run, if any did, are not counted");
	losses_say(&losses, processes_left(perf->processes), say, data);
	if (most_estimated)
		losses_say_estimates(losses.slices, share, most_estimated, say, data);
}

/* With --wait-tree: each end of a task is waited for from the first question on. */
static bool perf_busy(struct source *source)
{
	struct perf *perf = (struct perf *)source;

	kernel_wake_always(perf->kernel);
	return kernel_alive(perf->kernel) > 0;
}

const struct source_ops perf_source = {
	.open = perf_open,
	.start = perf_start,
	.poll = perf_poll,
	.sample = perf_sample,
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
