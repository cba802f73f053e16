/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For a watch: adopts running tasks and reads their names. */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"
#include "linux/heap.h"
#include "sources/perf/perf.h"

/* Read this many names before reading records again: some 10 µs for each. */
#define NAMES_AT_A_TIME 256

/*
 * Take the account of a task that has left the watched cgroups; it counts until its last
 * switch-out.
 */
static int on_left(struct perf *perf, const struct adopted_record *record)
{
	struct task_record account;
	int err = kernel_read_account(perf->kernel, record->task, &account);

	/* It has switched meanwhile: its record is in the ring. */
	if (err == -ENOENT || (!err && account.token != record->token))
		return processes_expect_left(perf->processes, record);
	if (err)
		return err;
	account.flags |= TASK_LEFT;
	account.header.time_ns = clock_monotonic_ns();
	return processes_task_left(perf->processes, &account);
}

static int on_adopted(void *data, const struct adopted_record *record)
{
	struct perf *perf = data;

	return record->flags & TASK_LEFT ? on_left(perf, record)
	                                 : processes_adopted(perf->processes, record);
}

/* Make names_fd readable. */
static void ask_for_names(struct perf *perf)
{
	const uint64_t one = 1;

	if (write(perf->names_fd, &one, sizeof(one)) < 0)
		log_debug("names of adopted processes are read late: %s", strerror(errno));
}

/* Whether names_fd was readable; reads it. */
static bool take_question(struct perf *perf)
{
	uint64_t n;

	return read(perf->names_fd, &n, sizeof(n)) == sizeof(n);
}

/*
 * First the tasks, for which each CPU has room; then on_demand on each CPU, from where running
 * tasks count events; last, what has ended meanwhile.
 */
static int adopt(struct perf *perf)
{
	const struct cpu_list *online = counters_online(perf->counters);
	int err;

	/* If that fails, at most one task for each CPU is lost, and said. */
	for (size_t i = 0; i < online->n; i++)
		kernel_make_room(perf->kernel, online->cpus[i]);
	err = adoption_run(perf->adoption, on_adopted, perf);
	if (err)
		return err;
	counters_account_running(perf->counters);
	err = kernel_drain(perf->kernel);
	if (!err)
		err = processes_adopted_all(perf->processes);
	ask_for_names(perf);
	return err;
}

/* Memory for an adopted process, in bytes: with its two accounts, and a thread with its own. */
#define ADOPTED_BYTES 1400

/* Fewer processes need less than a huge page. */
#define MANY_ADOPTED 1500

static void expect_many(const struct perf *perf)
{
	if (perf->programs.adoptable_n >= MANY_ADOPTED)
		heap_expect((size_t)perf->programs.adoptable_n * ADOPTED_BYTES);
}

/* A process that has ended since was adopted, and has rows. */
static int explain_nobody(const struct watch *watch)
{
	return log_errno(
		-ESRCH,
		watch->n_pids == 1
			? "process %u has ended before it could be watched"
			: "process %u and the others have ended before they could be watched",
		watch->pids[0]);
}

int perf_adopt(struct perf *perf)
{
	int err;

	expect_many(perf);
	err = adopt(perf);
	if (err)
		return log_errno(err, "cannot adopt the tasks that run: %s", strerror(-err));
	if (perf->watch->n_pids && !processes_left(perf->processes) && !perf->ended_n)
		return explain_nobody(perf->watch);
	log_info("watching %zu processes", processes_left(perf->processes));
	return 0;
}

/* Tasks that have left count until their last switch-out, running ones until now. */
int perf_follow_moves(struct perf *perf)
{
	int err;

	/* The iterator says so again, if it is still so. */
	adoption_is_due(perf->adoption);
	counters_account_running(perf->counters);
	/* The records of an earlier stay come before those of the next one. */
	err = kernel_drain(perf->kernel);
	return err ? err : adopt(perf);
}

int perf_read_names(struct perf *perf)
{
	const bool is_due = take_question(perf);
	int left = is_due ? processes_read_names(perf->processes, NAMES_AT_A_TIME) : 0;
	int err = kernel_drain(perf->kernel);

	if (!err && is_due)
		err = processes_pass_names_on(perf->processes);
	if (left > 0)
		ask_for_names(perf);
	if (!err && adoption_has_moves(perf->adoption))
		err = perf_follow_moves(perf);
	return err;
}
