/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/perf_source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/cpu_list.h"
#include "core/log.h"
#include "sources/perf/counters.h"
#include "sources/perf/event.h"
#include "sources/perf/hotplug.h"
#include "sources/perf/kernel.h"
#include "sources/perf/processes.h"
#include "sources/perf/rows.h"
#include "sources/perf/settings.h"

#define POSSIBLE "/sys/devices/system/cpu/possible"

/*
 * How long the command's last record is waited for after the command has ended: it is made at the
 * last switch, microseconds after the exit is announced. Longer only where the machine itself hangs.
 */
#define LAST_RECORD_TIMEOUT_NS (2 * NSEC_PER_SEC)

struct perf {
	struct source source; /* first: what the agent knows */
	const struct perf_settings *settings;
	const struct process_listener *listener;
	struct event_list events;
	struct programs programs;
	struct kernel_receiver receiver;
	struct kernel *kernel;
	struct counters *counters;
	struct process_observer observer;
	struct processes *processes;
	struct rows *rows;
	int epoll_fd;    /* what the agent waits on: the ring and the uevents */
	int hotplug_fd;  /* -1: none */
	uint64_t now_ns; /* of the poll that is being made */
};

/* --- from processes to points ------------------------------------------------------------------ */

static void tell_listener(struct perf *perf, const struct process *process)
{
	struct process_report report = {
		.key = {.pid = process->id.pid, .start_ns = process->id.start_ns},
		.is_root = process->is_root,
		.ended = process->is_complete,
		.executed = process->executed,
		.wait_status = process->wait_status,
		.begin_ns = process->begin_ns,
		.end_ns = process->end_ns,
		.comm = process->comm,
		.exe = process->exe ? process->exe : "",
		.cpu_ns = process->sum->kernel.cpu_ns,
		.threads = process->threads_n,
		.n_counters = perf->events.n,
	};

	if (!perf->listener)
		return;
	if (process->parent.start_ns)
		report.parent = (struct process_key){.pid = process->parent.pid,
		                                     .start_ns = process->parent.start_ns};
	report.counters = rows_counters(perf->rows, process);
	perf->listener->process(perf->listener->data, &report);
}

static int on_started(void *data, struct process *process)
{
	struct perf *perf = data;

	return rows_started(perf->rows, process);
}

static int on_executed(void *data, struct process *process, const char *args, size_t length,
                       bool is_cut)
{
	struct perf *perf = data;

	return rows_executed(perf->rows, process, args, length, is_cut);
}

static int on_ended(void *data, struct process *process)
{
	struct perf *perf = data;

	tell_listener(perf, process);
	return rows_counted(perf->rows, process, process->end_ns);
}

static int on_polled(void *data, struct process *process)
{
	struct perf *perf = data;

	return rows_counted(perf->rows, process, perf->now_ns);
}

/* --- from the kernel's records to processes ---------------------------------------------------- */

static int on_task_ended(void *data, const struct task_record *record)
{
	struct perf *perf = data;

	return processes_task_ended(perf->processes, record);
}

static int on_task_alive(void *data, const struct task_record *record)
{
	struct perf *perf = data;

	return processes_task_alive(perf->processes, record);
}

static int on_exec_record(void *data, const struct exec_record *record)
{
	struct perf *perf = data;

	return processes_executed(perf->processes, record);
}

static int on_args_record(void *data, const struct args_record *record)
{
	struct perf *perf = data;

	return processes_more_args(perf->processes, record);
}

/* --- opening ----------------------------------------------------------------------------------- */

static int check_sizes(const struct perf_settings *settings, size_t counters_n)
{
	uint64_t ring = settings->ring_size;

	if (ring &&
	    (ring & (ring - 1) || ring < (uint64_t)sysconf(_SC_PAGESIZE) || ring > 1ULL << 30)) {
		log_error("ring_size must be a power of two from the page size, %ld bytes, to 1GiB",
		          sysconf(_SC_PAGESIZE));
		return -EINVAL;
	}
	if (settings->max_tasks > 1U << 22) {
		log_error(
			"max_tasks must be at most 4194304, the most threads that Linux can have");
		return -EINVAL;
	}
	if (counters_n > MAX_COUNTERS) {
		log_error("the events take %zu counters (an event takes one on each kind of core), "
		          "and %d are possible: ask for fewer",
		          counters_n, MAX_COUNTERS);
		return -E2BIG;
	}
	return 0;
}

static int resolve_events(struct perf *perf)
{
	const struct event_request request = {
		.events = &perf->settings->events,
		.hardware_events = &perf->settings->hardware_events,
		.software_events = &perf->settings->software_events,
		.cache_events = &perf->settings->cache_events,
		.naming = perf->settings->naming == NAMING_FLAT ? NAMING_FLAT : NAMING_CLASSIC,
		.sysroot = "/",
	};

	return events_resolve(&request, &perf->events);
}

/* The highest possible CPU number + 1: the numbers may have holes. */
static int read_cpus_n(uint32_t *cpus_n)
{
	struct cpu_list possible;
	int err = cpu_list_read(POSSIBLE, &possible);

	if (!err && !possible.n)
		err = -ENODATA;
	if (err) {
		log_error("cannot read %s: %s", POSSIBLE, strerror(-err));
		return err;
	}
	*cpus_n = possible.cpus[possible.n - 1] + 1;
	cpu_list_free(&possible);
	return 0;
}

static int open_kernel(struct perf *perf)
{
	struct programs_request request = {
		.counters_n = (uint32_t)counters_needed(&perf->events),
		.sparse = counters_are_sparse(&perf->events),
		.tasks_max = (uint32_t)perf->settings->max_tasks,
		.ring_bytes = (uint32_t)perf->settings->ring_size,
	};
	int err = check_sizes(perf->settings, request.counters_n);

	if (!err)
		err = read_cpus_n(&request.cpus_n);
	if (!err)
		err = programs_load(&request, &perf->programs);
	if (!err)
		err = kernel_new(&perf->programs, request.counters_n, request.cpus_n,
		                 &perf->receiver, &perf->kernel);
	if (!err)
		err = counters_open(&perf->events, perf->kernel, &perf->counters);
	if (!err)
		err = programs_attach(&perf->programs);
	return err;
}

static int watch(struct perf *perf, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	return epoll_ctl(perf->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

/* One descriptor for the agent's loop. Without perf events there is nothing to open anew. */
static int open_epoll(struct perf *perf)
{
	int err;

	perf->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	err = perf->epoll_fd < 0 ? -errno : watch(perf, kernel_fd(perf->kernel));
	if (!err && counters_needed(&perf->events))
		perf->hotplug_fd = hotplug_open();
	if (!err && perf->hotplug_fd >= 0)
		err = watch(perf, perf->hotplug_fd);
	if (err)
		log_error("cannot wait for the BPF programs' records: %s", strerror(-err));
	return err;
}

static int open_rows(struct perf *perf, const struct source_context *context)
{
	const struct rows_settings settings = {
		.process_info = perf->settings->process_info,
		.per_pmu = perf->settings->per_pmu,
		.delta = perf->settings->values == VALUES_DELTA,
	};
	int err = rows_new(&perf->events, &settings, context->pipeline, context->metrics,
	                   &perf->rows);

	if (err)
		return err;
	perf->processes = processes_new((uint32_t)counters_needed(&perf->events), &perf->observer);
	return perf->processes ? 0 : -ENOMEM;
}

static int announce_counters(struct perf *perf)
{
	const char **names;
	size_t i;

	if (!perf->listener)
		return 0;
	names = calloc(perf->events.n + 1, sizeof(*names));
	if (!names)
		return -ENOMEM;
	for (i = 0; i < perf->events.n; i++)
		names[i] = perf->events.events[i].label;
	perf->listener->begin(perf->listener->data, perf->events.n, names);
	free(names);
	return 0;
}

static void perf_close(struct source *source)
{
	struct perf *perf = (struct perf *)source;

	if (perf->hotplug_fd >= 0)
		close(perf->hotplug_fd);
	if (perf->epoll_fd >= 0)
		close(perf->epoll_fd);
	processes_free(perf->processes);
	rows_free(perf->rows);
	counters_free(perf->counters);
	kernel_free(perf->kernel);
	programs_unload(&perf->programs);
	events_free(&perf->events);
	free(perf);
}

static int perf_open(const void *settings, const struct source_context *context,
                     struct source **source)
{
	struct perf *perf = calloc(1, sizeof(*perf));
	int err;

	if (!perf)
		return -ENOMEM;
	perf->epoll_fd = -1;
	perf->hotplug_fd = -1;
	perf->settings = settings;
	perf->listener = context->listener;
	perf->receiver = (struct kernel_receiver){
		.data = perf,
		.ended = on_task_ended,
		.executed = on_exec_record,
		.more_args = on_args_record,
		.alive = on_task_alive,
	};
	perf->observer = (struct process_observer){
		.data = perf,
		.started = on_started,
		.executed = on_executed,
		.ended = on_ended,
	};
	err = resolve_events(perf);
	if (!err)
		err = open_kernel(perf);
	if (!err)
		err = open_epoll(perf);
	if (!err)
		err = open_rows(perf, context);
	if (!err)
		err = announce_counters(perf);
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

/* --- the run ----------------------------------------------------------------------------------- */

static int perf_start(struct source *source)
{
	struct perf *perf = (struct perf *)source;
	int err = kernel_arm(perf->kernel);

	if (err)
		log_error("cannot run a BPF program on demand: %s", strerror(-err));
	return err;
}

static int perf_ready(struct source *source)
{
	struct perf *perf = (struct perf *)source;
	int err = 0;

	if (perf->hotplug_fd >= 0 && hotplug_take(perf->hotplug_fd))
		err = counters_refresh(perf->counters);
	return err ? err : kernel_drain(perf->kernel);
}

/* Bring every account up to date, those of running tasks too. */
static int look(struct perf *perf)
{
	int err;

	counters_account_running(perf->counters);
	perf->now_ns = clock_monotonic_ns();
	err = kernel_drain(perf->kernel);
	return err ? err : kernel_snapshot(perf->kernel);
}

static int perf_poll(struct source *source)
{
	struct perf *perf = (struct perf *)source;
	int err = counters_refresh(perf->counters); /* where there are no uevents */

	if (!err)
		err = look(perf);
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

/* The command's last record is in the ring, or will be after its last switch. */
static int perf_stop(struct source *source)
{
	struct perf *perf = (struct perf *)source;
	uint64_t deadline = clock_monotonic_ns() + LAST_RECORD_TIMEOUT_NS;
	int err = kernel_drain(perf->kernel);

	while (!err && !processes_root_ended(perf->processes) && clock_monotonic_ns() < deadline &&
	       command_has_ended(perf)) {
		struct epoll_event event;

		epoll_wait(kernel_fd(perf->kernel), &event, 1, 1);
		err = kernel_drain(perf->kernel);
	}
	return err;
}

static int report_left(void *data, struct process *process)
{
	struct perf *perf = data;

	process->end_ns = perf->now_ns;
	tell_listener(perf, process);
	return process->has_changed ? rows_counted(perf->rows, process, perf->now_ns) : 0;
}

/* What still lives has its rows too, as far as it got. */
static int perf_finish(struct source *source)
{
	struct perf *perf = (struct perf *)source;
	int err = look(perf);

	return err ? err : processes_for_each(perf->processes, true, report_left, perf);
}

static void say_loss(void (*say)(void *data, const char *line), void *data, uint64_t n,
                     const char *what)
{
	char line[256];

	if (!n)
		return;
	snprintf(line, sizeof(line), "%llu %s", (unsigned long long)n, what);
	say(data, line);
}

static void perf_report(struct source *source, void (*say)(void *data, const char *line),
                        void *data)
{
	struct perf *perf = (struct perf *)source;
	struct losses losses = kernel_losses(perf->kernel);

	say_loss(say, data, losses.tasks,
	         "tasks were not followed, nor what they created: more were alive than max_tasks");
	say_loss(say, data, losses.records,
	         "ended threads are missing: the ring and the map behind it were full "
	         "(ring_size, max_tasks)");
	say_loss(say, data, losses.execs,
	         "execs have no path and arguments: the ring was full (ring_size)");
	say_loss(say, data, losses.args, "argument lists are cut: the ring was full (ring_size)");
	say_loss(say, data, losses.reads,
	         "readings of a counter failed; what it counted around them is missing");
	say_loss(say, data, processes_left(perf->processes),
	         "processes outlived the command (--wait-tree waits for them)");
	if (losses.ring_full)
		log_info("the ring was full %llu times; those records were kept in a map",
		         (unsigned long long)losses.ring_full);
}

/* With --wait-tree: each end of a task is waited for from the first question on. */
static bool perf_busy(struct source *source)
{
	struct perf *perf = (struct perf *)source;

	kernel_wake_always(perf->kernel);
	return kernel_alive(perf->kernel) > 0;
}

const struct source_ops perf_source = {
	.name = "perf",
	.help = "counts events for each process of the command's tree",
	.settings = perf_setting_table,
	.settings_size = sizeof(struct perf_settings),
	.open = perf_open,
	.start = perf_start,
	.poll = perf_poll,
	.ready = perf_ready,
	.busy = perf_busy,
	.stop = perf_stop,
	.finish = perf_finish,
	.report = perf_report,
	.close = perf_close,
};
