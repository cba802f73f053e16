/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "run/run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/loop.h"
#include "run/signals.h"
#include "run/stages.h"
#include "outputs/summary/summary.h"
#include "core/clock.h"
#include "core/log.h"

struct run {
	const struct options *options;
	const struct config *config;
	const struct inherited *inherited;
	struct summary *summary;
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
	if (!err)
		run->summary = summary_new(run->options->summary, run->stages.metrics);
	if (!err && !run->summary)
		err = -ENOMEM;
	if (!err)
		err = pipeline_add_output(run->stages.pipeline, summary_output(run->summary));
	if (err) {
		log_error("out of memory");
		return err;
	}
	run->stages.output_context.wait = wait_for_reader;
	run->stages.output_context.data = run;
	err = stages_open(&run->stages, run->config, summary_listener(run->summary));
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

/* In the summary; without one as a warning, and what is missing even if those are not wanted. */
static void say_notice(void *data, enum report_kind kind, const char *line)
{
	struct run *run = data;

	if (run->options->summary == SUMMARY_NONE && kind == REPORT_LOSS && !log_is_shown(LOG_WARN))
		log_error("%s", line);
	else if (run->options->summary == SUMMARY_NONE)
		log_warn("%s", line);
	else
		summary_add_notice(run->summary, line);
}

static void print_summary(const struct run *run)
{
	struct winsize size = {0};

	if (run->options->summary == SUMMARY_NONE)
		return;
	if (isatty(STDERR_FILENO) && ioctl(STDERR_FILENO, TIOCGWINSZ, &size))
		size = (struct winsize){0};
	summary_print(run->summary, stderr, size.ws_col, size.ws_row);
}

static int exit_status(const struct run *run, int wait_status, int output_err)
{
	int status = 0;

	if (!run->options->ignore_exit_code)
		status = WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status)
		                                  : WEXITSTATUS(wait_status);
	return output_err && !status ? EXIT_AGENT : status;
}

/* From the release of the command to the last row. */
static int measure(struct run *run)
{
	int status = 0, signal, err;
	uint64_t start_ns;

	if (stages_start(&run->stages))
		return EXIT_AGENT;
	signal = signals_before_command(&run->signals);
	if (signal)
		return 128 + signal; /* as a shell has it; the command has not been started */
	start_ns = clock_monotonic_ns();
	err = command_start(run->options->command, run->inherited, &run->pid, &run->pidfd);
	if (err)
		return command_explain(run->options->command[0], err);
	signals_at_start(&run->signals, run->pidfd);
	err = loop_run(run->loop, run->pid, run->pidfd, run->options->wait_tree);
	summary_set_wall_time(run->summary, clock_monotonic_ns() - start_ns);
	stages_stop(&run->stages);
	if (loop_command_ended(run->loop)) {
		status = reap(run);
		summary_set_wait_status(run->summary, status);
	} else {
		log_warn("ended on request; the command runs on as process %d", run->pid);
		status = SIGTERM; /* as a wait status: ended by this signal */
	}
	if (stages_end(&run->stages))
		err = -EIO;
	stages_report(&run->stages, say_notice, run);
	print_summary(run);
	return exit_status(run, status, err);
}

int run_command(const struct options *options, const struct config *config,
                const struct inherited *inherited)
{
	struct run run = {
		.options = options,
		.config = config,
		.inherited = inherited,
		.signals.fd = -1,
		.pidfd = -1,
	};
	int status = EXIT_AGENT;

	if (!prepare(&run)) {
		summary_set_command(run.summary, options->command);
		status = measure(&run);
	}
	stages_close(&run.stages);
	loop_free(run.loop);
	summary_free(run.summary);
	if (run.pidfd >= 0)
		close(run.pidfd);
	signals_close(&run.signals);
	return status;
}
