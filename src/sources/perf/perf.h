/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Shared by the files of the perf source. */
#ifndef SOURCES_PERF_PERF_H
#define SOURCES_PERF_PERF_H

#include "alumet/source.h"
#include "sources/perf/counters.h"
#include "sources/perf/events/event.h"
#include "sources/perf/bpf/adoption.h"
#include "sources/perf/bpf/kernel.h"
#include "sources/perf/bpf/losses.h"
#include "sources/perf/fields.h"
#include "sources/perf/process_rows.h"
#include "sources/perf/processes.h"
#include "sources/perf/profile/profile.h"
#include "sources/perf/ranks.h"
#include "sources/perf/rows.h"
#include "sources/perf/settings.h"
#include "sources/perf/weigher.h"

/*
 * The sum over the processes of a cgroup, in the form of a process, so that its rows are made in
 * the same way.
 */
struct cgroup_sum {
	struct process process;
	uint32_t ended_threads; /* threads of processes that have ended */
};

struct perf {
	struct source source; /* first: what the agent knows */
	const struct perf_settings *settings;
	struct pipeline *pipeline;
	struct event_list events;
	struct event_list counted; /* the same, followed by the weigher's */
	struct weigher *weigher;   /* NULL: there are no weights */
	uint32_t slots_n;          /* of an account's counters */
	bool is_weighing;          /* the first sample was taken */
	struct programs programs;
	struct programs_request request;
	struct kernel *kernel;
	struct counters *counters;
	struct profile *profile; /* NULL: no profile */
	struct process_observer observer;
	struct processes *processes;
	struct process_rows *process_rows;
	struct rows *rows;
	bool wants_fields;            /* the value of an event is read from living processes */
	bool wants_peak;              /* one of them is the peak memory */
	size_t kept_fields[FIELDS_N]; /* indices in the schema of lives */
	size_t *event_fields;         /* the same, by event */
	struct life_value *life_values; /* scratch: of all fields; NULL until the first life */
	/* The descriptor for the agent's loop: the ring and the uevents. */
	int epoll_fd;
	bool cpus_changed;          /* some came online, by hotplug_fd, and are not counted yet */
	bool waits_for_tree;        /* --wait-tree, after the end of the command */
	int hotplug_fd;             /* -1: none */
	const struct watch *watch;  /* NULL: there is a command */
	struct adoption *adoption;  /* the same */
	struct cgroup_sum *cgroups; /* of a watch, one for each of its cgroups; or NULL */
	/* Of variables that may hold a rank, NULL-terminated; or NULL. */
	const char *const *rank_names;
	const char *own_rank_names[RANK_NAMES_MAX + 1];
	int names_fd;      /* readable while names of adopted processes have to be read; -1: none */
	uint64_t start_ns; /* the earliest time at which the command ran */
	bool has_reserve;
	uint64_t now_ns;     /* of the latest update, or of the current sample */
	uint64_t updated_ns; /* of the latest update of the accounts */
	struct losses_seen seen;
	uint64_t ended_n; /* processes that have ended, and their CPU time */
	uint64_t ended_cpu_ns;
};

/* Begin to load the programs of a command's run. Returns 0 or a negative errno, logged. */
int perf_begin_loading(struct perf *perf);

/*
 * After it, set up a source: events, processes, rows; maps are created meanwhile. Then perf_load()
 * does the rest, which needs the programs. The descriptors are -1 before. They return 0 or a
 * negative errno, logged; call perf_teardown() in either case.
 */
int perf_setup(struct perf *perf, const struct source_context *context);
int perf_load(struct perf *perf, const struct source_context *context);
void perf_teardown(struct perf *perf);

/* For a watch: adopt running processes. Returns 0 or a negative errno after logging it. */
int perf_adopt(struct perf *perf);

/* For a watch, when names_fd is readable: read the names of some adopted processes. */
int perf_read_names(struct perf *perf);

/* For a watch, after tasks were moved into its cgroups or out of them. */
int perf_follow_moves(struct perf *perf);

/* The sums of a watch's cgroups: add a process at its end, and push rows. */
int perf_cgroups_open(struct perf *perf);
void perf_cgroups_close(struct perf *perf);
void perf_cgroups_ended(struct perf *perf, const struct process *process);
int perf_cgroups_push(struct perf *perf, uint64_t time_ns);

/* Update all accounts, including those of running tasks. */
int perf_update(struct perf *perf, bool with_fields);

/* Update the peak memory of a living process, which the kernel keeps elsewhere until its end. */
void perf_update_peak(struct process *process);

/* The time of the update for this process, or its begin if that is later. */
uint64_t perf_seen_ns(const struct perf *perf, const struct process *process);

/* Open counters of CPUs that came online. What fails is retried later. */
void perf_refresh_counters(struct perf *perf);

/* Of struct source_ops: after the command has ended, and at the end of the run. */
int perf_stop(struct source *source);
int perf_finish(struct source *source);

/* Set the observer, which pushes the points of processes. */
void perf_connect(struct perf *perf);

/* Add the fields of lives that this source has. Returns 0 or a negative errno. */
int perf_add_life_fields(struct perf *perf);

/*
 * The label of Alumet's name PAGE_FAULTS is page-faults, as in reports. A name with lower-case
 * letters is the user's own and stays as it is. Returns a copy; NULL when memory ran out.
 */
char *perf_readable_label(const char *label);

/* Add a process that has ended or left, its sum up to date, to the totals of the run. */
void perf_add_to_totals(struct perf *perf, const struct process *process);

/* Push the life of a process whose sum is up to date. Returns 0 or -ENOMEM. */
int perf_push_life(struct perf *perf, const struct process *process);

#endif
