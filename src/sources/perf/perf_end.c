/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The end of a run: wait for the last records, and push the last rows of what still lives. */
#include <sys/epoll.h>
#include <sys/wait.h>

#include "core/clock.h"
#include "sources/perf/perf.h"

/*
 * How long to wait for the command's last record after its end. The record is made at the last
 * switch, microseconds after the exit is announced, if a CPU has time for the switch.
 */
#define LAST_RECORD_TIMEOUT_NS (2 * NSEC_PER_SEC)

/*
 * The command's status as of waitpid(). False: it has not ended, since a second SIGTERM ends the
 * run before; or there is none. The agent reaps it later.
 */
static bool command_has_ended(const struct perf *perf, int *status)
{
	siginfo_t info = {.si_pid = 0};

	if (waitid(P_PID, kernel_root(perf->kernel), &info, WEXITED | WNOHANG | WNOWAIT) ||
	    !info.si_pid)
		return false;
	*status = info.si_code == CLD_EXITED ? W_EXITCODE(info.si_status, 0)
	                                     : W_EXITCODE(0, info.si_status);
	if (info.si_code == CLD_DUMPED)
		*status |= WCOREFLAG;
	return true;
}

/*
 * Where last records were lost a process has ended if the snapshot that was just taken has no task
 * of it. An account is removed after its record was made: what is not lost of them is here now.
 */
static int end_absent(struct perf *perf)
{
	int status, err;

	if (!kernel_losses(perf->kernel).records)
		return 0;
	err = kernel_drain(perf->kernel);
	return err ? err
	           : processes_end_absent(perf->processes, perf->now_ns,
	                                  command_has_ended(perf, &status) ? &status : NULL);
}

/* The command's last record may be among those that were lost. */
static int look_for_root(struct perf *perf)
{
	int err;

	if (!kernel_losses(perf->kernel).records)
		return 0;
	perf->now_ns = clock_monotonic_ns();
	err = kernel_snapshot(perf->kernel, false);
	return err ? err : end_absent(perf);
}

/*
 * The command's last record is in the ring, or will be after its last switch. A command that was
 * killed during execve() has none. Until now, only a full ring has woken the agent for records,
 * because thousands of threads may end before the command does.
 */
int perf_stop(struct source *source)
{
	struct perf *perf = (struct perf *)source;
	uint64_t deadline = clock_monotonic_ns() + LAST_RECORD_TIMEOUT_NS;
	int err, status;

	kernel_wake_always(perf->kernel);
	err = kernel_drain(perf->kernel);
	if (!err)
		err = look_for_root(perf);
	while (!err && !processes_root_ended(perf->processes) && !kernel_root_gone(perf->kernel) &&
	       clock_monotonic_ns() < deadline && command_has_ended(perf, &status)) {
		struct epoll_event event;

		epoll_wait(kernel_fd(perf->kernel), &event, 1, 1);
		err = kernel_drain(perf->kernel);
		if (!err)
			err = look_for_root(perf);
	}
	return err;
}

static int report_left(void *data, struct process *process)
{
	struct perf *perf = data;
	int err;

	process->end_ns = perf_seen_ns(perf, process);
	perf_update_peak(process);
	perf_add_to_totals(perf, process);
	err = perf_push_life(perf, process);
	if (!err && perf->profile)
		err = profile_ended(perf->profile, process);
	if (!err)
		err = process_rows_renamed(perf->process_rows, process, process->end_ns);
	/* One that has not run yet has had no row so far. */
	if (!err && (process->has_changed ||
	             (process->sum->kernel.cpu_ns == 0 && !process->is_hidden)))
		err = rows_counted(perf->rows, process, process->end_ns);
	return err ? err : process_rows_alive(perf->process_rows, process);
}

/*
 * A process whose parent has its exit status has ended, although its last switch may still be to
 * come, on busy CPUs or with PREEMPT_RT. Wait for it, as for the command's.
 */
static int await_ends(struct perf *perf)
{
	uint64_t deadline = clock_monotonic_ns() + LAST_RECORD_TIMEOUT_NS;
	int err;

	/* Also where a switch to it was not seen. */
	if (kernel_alive(perf->kernel))
		counters_account_running(perf->counters);
	err = perf_update(perf, true);
	while (!err && kernel_ending(perf->kernel) && clock_monotonic_ns() < deadline) {
		struct epoll_event event;

		epoll_wait(kernel_fd(perf->kernel), &event, 1, 1);
		err = perf_update(perf, true);
	}
	return err ? err : end_absent(perf);
}

/* Processes that are still alive have rows, too, with their counts so far. */
int perf_finish(struct source *source)
{
	struct perf *perf = (struct perf *)source;
	int err;

	if (perf->cpus_changed)
		perf_refresh_counters(perf);
	err = await_ends(perf);
	if (!err)
		err = processes_for_each(perf->processes, true, report_left, perf);
	if (!err)
		err = perf_cgroups_push(perf, perf->now_ns);
	programs_detach(&perf->programs);
	return err || !perf->profile ? err : profile_finish(perf->profile);
}
