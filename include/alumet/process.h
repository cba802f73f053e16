/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The life of a traced process, as a source that follows processes tells it to whoever wants to
 * know (the summary). Points carry the measurements; this carries what a tree is drawn from.
 */
#ifndef ALUMET_PROCESS_H
#define ALUMET_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A process, told apart from others that had or will have its pid by the time it started. */
struct process_key {
	uint32_t pid;      /* as the agent's pid namespace numbers it */
	uint64_t start_ns; /* CLOCK_MONOTONIC as the kernel keeps it in task->start_time */
};

/* One counter of a process; without a value when the event never ran. */
struct process_counter {
	bool has_value;
	uint64_t value; /* scaled when the event was multiplexed */
};

struct process_report {
	struct process_key key;
	struct process_key parent; /* at creation; pid 0 when it is not of the traced tree */
	bool is_root;              /* the traced command itself */
	bool ended;                /* false: it outlived the run */
	bool executed;             /* it called execve at least once */
	int wait_status;           /* as waitpid() gives it; meaningless unless ended */
	uint64_t begin_ns, end_ns; /* CLOCK_MONOTONIC: first counted, last counted */
	const char *comm;          /* at its end; any bytes, NUL-terminated */
	const char *exe;           /* path as given to execve; "" when not known */
	uint64_t cpu_ns;           /* CPU time of all its threads */
	uint32_t threads;          /* that it ever had, counted */
	size_t n_counters;         /* as many as counter_names of process_listener.begin */
	const struct process_counter *counters;
};

/* Called by the source on the agent's only thread. The report is valid during the call only. */
struct process_listener {
	void *data;
	/* Once, before any report: short names of the counters, in the reports' order. */
	void (*begin)(void *data, size_t n_counters, const char *const *counter_names);
	/* Once for each process: when it ended, or at the end of the run if it still lives. */
	void (*process)(void *data, const struct process_report *report);
};

#endif
