/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "linux/cpu_list.h"
#include "core/log.h"
#include "linux/descriptors.h"
#include "linux/hotplug.h"
#include "linux/privilege.h"
#include "sources/perf/perf.h"

#define POSSIBLE "/sys/devices/system/cpu/possible"
#define ONLINE "/sys/devices/system/cpu/online"

static int check_counters(size_t counters_n)
{
	if (counters_n <= MAX_COUNTERS)
		return 0;
	log_error("the events take %zu counters (an event takes one on each kind of core), and %d "
	          "are possible: ask for fewer",
	          counters_n, MAX_COUNTERS);
	return -E2BIG;
}

/* Log where the event is configured, because the user may not know about that file. */
static void say_where(const struct perf_settings *settings)
{
	const struct setting_list *const lists[] = {&settings->events, &settings->hardware_events,
	                                            &settings->software_events,
	                                            &settings->cache_events};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (lists[i]->n > 0 && lists[i]->where)
			log_error("events are named at %s", lists[i]->where);
	}
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

	const int err = events_resolve(&request, &perf->events);

	if (err == -EINVAL || err == -ENOENT || err == -EOPNOTSUPP)
		say_where(perf->settings);
	return err;
}

/* The highest CPU number of the list + 1; numbers may have gaps. */
static int read_cpus_n(const char *path, uint32_t *cpus_n)
{
	struct cpu_list cpus;
	int err = cpu_list_read(AT_FDCWD, path, &cpus);

	if (!err && !cpus.n)
		err = -ENODATA;
	if (err)
		return log_errno(err, "cannot read %s: %s%s", path, strerror(-err),
		                 err == -ENOENT ? "\nmount sysfs: mount -t sysfs sysfs /sys" : "");
	*cpus_n = cpus.cpus[cpus.n - 1] + 1;
	cpu_list_free(&cpus);
	return 0;
}

static int read_cpus(struct programs_request *request)
{
	uint32_t online;
	int err = read_cpus_n(POSSIBLE, &request->cpus_n);

	if (!err)
		err = read_cpus_n(ONLINE, &online);
	if (!err)
		request->cpus_expected = programs_cpus_expected(online, request->cpus_n);
	return err;
}

int perf_begin_loading(struct perf *perf)
{
	int err = read_cpus(&perf->request);

	perf->request.watches = perf->watch != NULL;
	perf->request.tasks_max = (uint32_t)perf->settings->max_tasks;
	perf->request.ring_bytes = (uint32_t)perf->settings->ring_size;
	if (!err && !perf->watch)
		programs_begin(&perf->request, &perf->programs);
	return err;
}

/* A transform that needs weights has filled in the plan before this source is opened. */
static int open_weigher(struct perf *perf, const struct source_context *context)
{
	struct weight_plan *plan = pipeline_weight_plan(context->pipeline);
	int err = 0;

	if (plan)
		err = weigher_new(plan, &perf->events, context->pipeline, context->metrics,
		                  &perf->weigher);
	perf->counted = perf->events;
	if (perf->weigher)
		perf->counted.n += weigher_events(perf->weigher);
	return err;
}

static int open_processes(struct perf *perf, uint32_t counters_n)
{
	perf->processes = processes_new(perf->slots_n, &perf->observer);
	if (!perf->processes)
		return log_oom();
	processes_set_weights(perf->processes, counters_n, perf->slots_n - counters_n);
	return 0;
}

static int configure(struct perf *perf)
{
	struct programs_request *request = &perf->request;
	int err;

	request->counters_n = (uint32_t)counters_needed(&perf->counted);
	request->sparse = counters_are_sparse(&perf->counted);
	request->always_on = counters_always_on(&perf->events);
	request->tracepoints = counters_have_tracepoints(&perf->events);
	request->restricted = privilege_is_borrowed();
	request->rank_names = perf->rank_names;
	if (perf->weigher)
		weigher_request(perf->weigher, request);
	perf->slots_n = programs_slots(request);
	err = check_counters(perf->slots_n);
	if (!err)
		programs_configure(request, &perf->programs);
	return err;
}

static int open_kernel(struct perf *perf, const struct source_context *context)
{
	const struct programs_request *request = &perf->request;
	int err = programs_load(request, &perf->programs);

	if (!err)
		err = kernel_new(&perf->programs, request, perf->processes, &perf->kernel);
	if (!err)
		err = counters_open(&perf->counted, perf->kernel, &perf->counters);
	events_release(&perf->events);
	if (!err && perf->watch)
		err = adoption_new(request, &perf->programs, perf->watch, &perf->adoption);
	if (!err)
		err = programs_attach(&perf->programs);
	if (!err && perf->settings->profile && *perf->settings->profile)
		err = profile_open(perf->settings->profile, perf->programs.tasks_fd,
		                   request->cpus_n, counters_online(perf->counters), context,
		                   &perf->profile);
	if (!err && perf->adoption)
		err = adoption_attach(perf->adoption);
	return err;
}

static int watch(struct perf *perf, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	return epoll_ctl(perf->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

/* One descriptor for the agent's loop. Without perf events there is nothing to reopen. */
static int open_epoll(struct perf *perf)
{
	int err;

	perf->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	err = perf->epoll_fd < 0 ? -errno : watch(perf, kernel_fd(perf->kernel));
	if (!err && perf->profile)
		err = watch(perf, profile_fd(perf->profile));
	if (!err && (counters_needed(&perf->counted) || perf->profile))
		perf->hotplug_fd = hotplug_open();
	if (!err && perf->hotplug_fd >= 0)
		err = watch(perf, perf->hotplug_fd);
	if (!err && perf->watch) {
		perf->names_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		err = perf->names_fd < 0 ? -errno : watch(perf, perf->names_fd);
	}
	return err ? descriptors_log(err, "wait for the BPF programs' records") : 0;
}

static int open_process_rows(struct perf *perf, const struct source_context *context)
{
	const struct process_rows_settings settings = {
		.info = perf->settings->process_info,
		.exit = perf->settings->process_exit,
		.restricted = privilege_is_borrowed(),
		.watches = perf->watch != NULL,
		.ranks = perf->rank_names != NULL,
		.number_all = perf->settings->process_ids,
	};

	return process_rows_new(&settings, context->pipeline, context->metrics,
	                        &perf->process_rows);
}

/* Find out which values of living processes a poll has to read from the kernel. */
static void find_what_is_asked_for(struct perf *perf)
{
	for (size_t i = 0; i < perf->events.n; i++) {
		const struct event *event = &perf->events.events[i];

		if (event->origin != EVENT_FROM_KERNEL)
			continue;
		perf->wants_fields |= field_is_asked_for(event->field);
		perf->wants_peak |= event->field == TASK_PEAK_RSS;
	}
}

static int open_rows(struct perf *perf, const struct source_context *context)
{
	const struct rows_settings settings = {
		.as_counted = !perf->settings->multiplexing_auto_scale,
		.per_pmu = perf->settings->per_pmu,
		.delta = perf->settings->values == VALUES_DELTA,
	};
	int err = open_process_rows(perf, context);

	if (!err)
		err = rows_new(&perf->events, &settings, perf->process_rows, context->pipeline,
		               context->metrics, &perf->rows);
	if (err)
		return err;
	find_what_is_asked_for(perf);
	return perf_cgroups_open(perf);
}

/* For functions that do not log -ENOMEM. */
static int say_no_memory(int err)
{
	if (err == -ENOMEM)
		log_error("out of memory for the events");
	return err;
}

int perf_setup(struct perf *perf, const struct source_context *context)
{
	int err = say_no_memory(resolve_events(perf));

	perf->rank_names = ranks_choose(perf->settings, context->run, perf->own_rank_names);
	if (!err)
		err = open_weigher(perf, context);
	if (!err)
		err = configure(perf);
	if (!err)
		err = open_processes(perf, perf->request.counters_n);
	if (!err)
		err = say_no_memory(open_rows(perf, context));
	return err ? err : say_no_memory(perf_add_life_fields(perf));
}

int perf_load(struct perf *perf, const struct source_context *context)
{
	int err = open_kernel(perf, context);

	return err ? err : open_epoll(perf);
}

void perf_teardown(struct perf *perf)
{
	if (perf->hotplug_fd >= 0)
		close(perf->hotplug_fd);
	if (perf->names_fd >= 0)
		close(perf->names_fd);
	if (perf->epoll_fd >= 0)
		close(perf->epoll_fd);
	processes_free(perf->processes);
	rows_free(perf->rows);
	process_rows_free(perf->process_rows);
	free(perf->event_fields);
	free(perf->life_values);
	profile_free(perf->profile);
	counters_free(perf->counters);
	weigher_free(perf->weigher);
	kernel_free(perf->kernel);
	perf_cgroups_close(perf);
	adoption_free(perf->adoption);
	programs_unload(&perf->programs);
	events_free(&perf->events);
}
