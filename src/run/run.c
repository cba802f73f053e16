/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "run/run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/loop.h"
#include "run/run_report.h"
#include "run/signals.h"
#include "run/stages.h"
#include "core/clock.h"
#include "core/exit_status.h"
#include "core/log.h"
#include "linux/privilege.h"

struct run {
	const struct run_request *request;
	const struct config *config;
	const struct inherited *inherited;
	struct stages stages;
	struct loop *loop;
	struct signals signals;
	int pidfd;
	pid_t pid;
};

/* The outputs are written only while there is a loop. */
static int wait_for_reader(void *data, int fd)
{
	struct run *run = data;

	return loop_wait_writable(run->loop, fd);
}

/* Whatever can fail fails here, before the command exists. */
static int prepare(struct run *run)
{
	int err;

	err = signals_open(&run->signals);
	if (err) {
		log_error("cannot receive signals: %s", strerror(-err));
		return err;
	}
	err = stages_init(&run->stages, run->config->n);
	if (err) {
		log_error("out of memory");
		return err;
	}
	run->stages.output_context.wait = wait_for_reader;
	run->stages.output_context.data = run;
	run->stages.run.argv = run->request->command;
	run->stages.user = run->inherited->user;
	err = stages_open(&run->stages, run->config);
	return err ? err : loop_new(&run->stages, &run->signals, &run->loop);
}

/* Takes the command's end off the kernel. Returns its wait status. */
static int reap(const struct run *run)
{
	int status = 0;

	while (waitpid(run->pid, &status, 0) < 0 && errno == EINTR)
		;
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

/* From the release of the command to the last row. */
static int measure(struct run *run)
{
	int status = 0, signal, err;
	struct run_info *info = &run->stages.run;
	struct run_end end = {0};

	privilege_settle();
	if (stages_start(&run->stages))
		return EXIT_AGENT;
	signal = signals_before_command(&run->signals);
	if (signal)
		return 128 + signal; /* as a shell has it; the command has not been started */
	info->start_ns = clock_monotonic_ns();
	err = command_start(run->request->command, run->inherited, &run->pid, &run->pidfd);
	if (err)
		return command_explain(run->request->command[0], err);
	info->pid = (uint32_t)run->pid;
	info->start_realtime_ns = clock_to_realtime(info->start_ns);
	signals_at_start(&run->signals, run->pidfd);
	err = loop_run(run->loop, run->pid, run->pidfd, run->request->wait_tree);
	end.wall_ns = clock_monotonic_ns() - info->start_ns;
	stages_stop(&run->stages);
	if (loop_command_ended(run->loop)) {
		status = reap(run);
	} else {
		log_warn("ended on request; the command runs on as process %d", run->pid);
		status = SIGTERM; /* as a wait status: ended by this signal */
		end.detached = true;
	}
	end.wait_status = status;
	if (stages_end(&run->stages, &end))
		err = -EIO;
	return exit_status(run, status, err);
}

/* The file of the first output that has one is what a report is made of. */
static int make_report(const struct run *run)
{
	const char *path = NULL;
	struct user_before before;
	int err;

	for (size_t i = run->stages.n_outputs; i > 0; i--) {
		if (run->stages.outputs[i - 1]->path)
			path = run->stages.outputs[i - 1]->path;
	}
	if (user_begin(run->inherited->user, &before))
		return -EPERM;
	err = run_report(path, run->request->report);
	user_end(run->inherited->user, &before);
	return err;
}

int run_command(const struct run_request *request, const struct config *config,
                const struct inherited *inherited)
{
	struct run run = {
		.request = request,
		.config = config,
		.inherited = inherited,
		.signals.fd = -1,
		.pidfd = -1,
	};
	int status = EXIT_AGENT;

	if (!prepare(&run))
		status = measure(&run);
	if (run.pid && request->report && make_report(&run) && status == 0)
		status = EXIT_AGENT;
	stages_close(&run.stages);
	loop_free(run.loop);
	if (run.pidfd >= 0)
		close(run.pidfd);
	signals_close(&run.signals);
	return status;
}
