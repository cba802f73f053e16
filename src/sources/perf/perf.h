/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The perf source from inside: what its files share. */
#ifndef PERF_PERF_H
#define PERF_PERF_H

#include "alumet/source.h"
#include "sources/perf/counters.h"
#include "sources/perf/events/event.h"
#include "sources/perf/bpf/kernel.h"
#include "sources/perf/fields.h"
#include "sources/perf/process_rows.h"
#include "sources/perf/processes.h"
#include "sources/perf/rows.h"
#include "sources/perf/settings.h"
#include "sources/perf/weigher.h"

struct perf {
	struct source source; /* first: what the agent knows */
	const struct perf_settings *settings;
	struct pipeline *pipeline;
	struct event_list events;
	struct event_list counted; /* the same, and behind them the weigher's */
	struct weigher *weigher;   /* NULL: nobody wants weights */
	uint32_t slots_n;          /* of an account's counters */
	bool is_weighing;          /* the first sample was taken */
	struct programs programs;
	struct kernel_receiver receiver;
	struct kernel *kernel;
	struct counters *counters;
	struct process_observer observer;
	struct processes *processes;
	struct process_rows *process_rows;
	struct rows *rows;
	bool wants_fields;            /* an event's value of a living process has to be asked for */
	bool wants_peak;              /* the peak memory is among them */
	size_t kept_fields[FIELDS_N]; /* indices in the schema of lives */
	size_t *event_fields;         /* likewise, by event */
	struct life_value *life_values; /* scratch: of all fields; NULL until the first life */
	int epoll_fd;                   /* what the agent waits on: the ring and the uevents */
	bool cpus_changed; /* some came online, as hotplug_fd told, and are not counted yet */
	int hotplug_fd;    /* -1: none */
	uint64_t start_ns; /* when the command could first run */
	bool has_reserve;
	uint64_t now_ns; /* of the poll that is being made */
};

/*
 * Make a source ready: events, programs, maps, rows; perf is zeroed but for the settings, and its
 * descriptors are -1. Returns 0 or a negative errno, said to the user; perf_teardown() is due either
 * way.
 */
int perf_setup(struct perf *perf, const struct source_context *context);
void perf_teardown(struct perf *perf);

/* The receiver and the observer that lead from the kernel's records to processes and points. */
void perf_connect(struct perf *perf);

/* Announce the fields of lives that this source knows. Returns 0 or a negative errno. */
int perf_add_life_fields(struct perf *perf);

/* Push the life of a process whose sum is up to date. Returns 0 or -ENOMEM. */
int perf_push_life(struct perf *perf, const struct process *process);

#endif
