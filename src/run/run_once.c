/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "run/run_once.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/loop.h"
#include "run/run_report.h"
#include "run/signals.h"
#include "run/stages.h"
#include "core/clock.h"
#include "core/exit_status.h"
#include "core/log.h"
#include "linux/descriptors.h"
#include "linux/privilege.h"

struct run {
	const struct run_request *request;
	const struct config *config;
	const struct inherited *inherited;
	struct turn *turn;
	struct stages stages;
	struct loop *loop;
	struct signals signals;
	struct helpers helpers;
	int pidfd;
	pid_t pid;
};

/* The outputs are written only while there is a loop. */
static int wait_for_reader(void *data, int fd)
{
	struct run *run = data;

	return loop_wait_writable(run->loop, fd);
}

/* Everything that can fail is done here, before the command exists. */
static int prepare(struct run *run)
{
	int err;

	err = signals_open(&run->signals);
	if (err)
		return descriptors_log(err, "receive signals");
	err = stages_init(&run->stages, run->config->n);
	if (err)
		return log_oom();
	run->stages.output_context.wait = wait_for_reader;
	run->stages.output_context.data = run;
	run->stages.run.argv = run->request->command;
	run->stages.run.number = run->turn->number;
	run->stages.run.repeats = run->turn->of;
	run->stages.continues = run->turn->paths;
	run->stages.n_continues = run->turn->n_paths;
	run->stages.user = run->inherited->user;
	err = stages_open(&run->stages, run->config);
	return err ? err : loop_new(&run->stages, &run->signals, &run->loop);
}

/* Reap the command, which ran for wall_ns. Returns its wait status. */
static int reap(struct run *run, uint64_t wall_ns)
{
	char text[HELPERS_TEXT_SIZE];
	struct rusage usage = {0};
	int status = 0;

	while (wait4(run->pid, &status, 0, &usage) < 0 && errno == EINTR)
		;
	if (helpers_explain(&run->helpers, &usage, wall_ns, text))
		stages_note(&run->stages, text);
	return status;
}

static int exit_status(const struct run *run, int wait_status, int output_err)
{
	int status = 0;

	if (!run->request->ignore_exit_code)
		status = WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status)
		                                  : WEXITSTATUS(wait_status);
	return output_err && !status ? EXIT_AGENT : status;
}

static bool is_fifo(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISFIFO(status.st_mode);
}

/* Keep the paths of the files that the next run of the series appends to. */
static int note_paths(const struct run *run)
{
	struct turn *turn = run->turn;
	const size_t n = run->stages.n_outputs;

	if (turn->is_last || turn->paths || n == 0)
		return 0;
	turn->paths = calloc(n, sizeof(*turn->paths));
	turn->n_paths = turn->paths ? n : 0;
	for (size_t i = 0; i < turn->n_paths; i++) {
		const char *path = run->stages.outputs[i]->path;

		if (path && !(turn->paths[i] = strdup(path)))
			turn->n_paths = 0;
		else if (path && turn->fifo < 0 && is_fifo(path))
			turn->fifo = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	}
	if (turn->n_paths == n)
		return 0;
	return log_oom();
}

/* Before the command starts: the files that are written after the run. */
static int check_files(const struct run *run)
{
	const struct run_request *request = run->request;
	const struct turn *turn = run->turn;
	int err = 0;

	if (turn->number && request->report)
		err = run_report_check(run->inherited->user, &run->stages, run->config,
		                       request->report);
	if (!err && turn->number == 1 && turn->of > 1 && request->series && request->series_path)
		err = run_series_check_files(run->inherited->user, &run->stages, run->config,
		                             request->series_path);
	return err;
}

/* From the start of the sources to the last row. */
static int measure(struct run *run)
{
	int status = 0, signal, err;
	struct run_info *info = &run->stages.run;
	struct run_end end = {0};

	if (run->turn->is_last)
		privilege_settle();
	run->turn->ends_series = true; /* unless the command has run */
	if (check_files(run))
		return EXIT_AGENT;
	if (stages_start(&run->stages))
		return EXIT_AGENT;
	signal = signals_before_command(&run->signals);
	if (signal)
		return 128 + signal; /* as in a shell; the command has not been started */
	info->start_ns = clock_monotonic_ns();
	err = command_start(run->request->command, run->inherited, &run->pid, &run->pidfd);
	if (err)
		return command_explain(run->request->command[0], err, run->pid);
	run->turn->started = true;
	info->pid = (uint32_t)run->pid;
	info->start_realtime_ns = clock_to_realtime(info->start_ns);
	signals_at_start(&run->signals, run->pidfd);
	loop_find_helpers(run->loop, &run->helpers);
	err = loop_run(run->loop, run->pid, run->pidfd, run->request->wait_tree);
	end.wall_ns = clock_monotonic_ns() - info->start_ns;
	end.interrupted = run->request->wait_tree && loop_command_ended(run->loop) &&
	                  stages_busy(&run->stages);
	stages_stop(&run->stages);
	if (loop_command_ended(run->loop)) {
		status = reap(run, end.wall_ns);
	} else {
		log_warn("ended on request; the command runs on as process %d", run->pid);
		status = SIGTERM; /* as a wait status: ended by this signal */
		end.detached = true;
	}
	end.wait_status = status;
	if (note_paths(run)) /* before outputs close their files */
		err = -ENOMEM;
	if (stages_end(&run->stages, &end))
		err = -EIO;
	run->turn->ends_series = err || end.detached || run->signals.interrupted;
	return exit_status(run, status, err);
}

int run_once(const struct run_request *request, const struct config *config,
             const struct inherited *inherited, struct turn *turn)
{
	struct run run = {
		.request = request,
		.config = config,
		.inherited = inherited,
		.turn = turn,
		.signals.fd = -1,
		.helpers.fd = -1,
		.pidfd = -1,
	};
	int status = EXIT_AGENT;

	turn->ends_series = true;
	turn->started = false;
	if (!prepare(&run))
		status = measure(&run);
	if (turn->started && turn->of <= 1 && turn->number && request->report &&
	    run_report_as(inherited->user, stages_first_path(&run.stages), request->report,
	                  config->trust_others) &&
	    status == 0)
		status = EXIT_AGENT;
	stages_close(&run.stages);
	loop_free(run.loop);
	helpers_end(&run.helpers);
	if (run.pidfd >= 0)
		close(run.pidfd);
	signals_close(&run.signals);
	return status;
}
