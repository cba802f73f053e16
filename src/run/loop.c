/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "run/loop.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"
#include "linux/descriptors.h"
#include "run/progress.h"
#include "run/ticks.h"
#include "run/timer.h"

/* How many requests end the run while the command is running, and how many after its end. */
#define REQUESTS_WITH_COMMAND 2
#define REQUESTS_AFTER_COMMAND 1

/*
 * With --wait-tree: the largest delay until the end of the last process is noticed. Its record
 * wakes the agent a moment before the kernel's count of living tasks decreases.
 */
#define LAST_END_MS 50

/* The same for a watch, which is not expected to end soon. */
#define WATCHED_END_MS 100

enum what { COMMAND, SIGNAL, FLUSH, TICK, READY, PROGRESS, WATCHED, TIME_OVER, HELPERS };

/* The 64 bits of data of an epoll event. index: of a timer or a source. */
static uint64_t tag(enum what what, size_t index)
{
	return (uint64_t)index << 8 | what;
}

struct loop {
	struct stages *stages;
	int epoll_fd;
	struct signals *signals;
	int flush_fd;
	int progress_fd;      /* -1: no output shows progress */
	bool progress_is_due; /* show it after handling everything that is ready */
	struct ticks ticks;
	struct helpers *helpers; /* looked for while the command runs; NULL: none */
	int pid, pidfd;          /* of the command; a watch has none and acts as after its end */
	const int *watched;
	size_t watched_n; /* how many of those are alive */
	int time_fd;      /* readable when the time is over; -1: no time limit */
	bool is_time_over;
	bool command_ended;
	unsigned int requests_before; /* requests to end, while the command ran */
};

static int watch(struct loop *loop, int fd, enum what what, size_t index)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = tag(what, index)};

	return epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

/* Start a timer and add it to epoll. *fd: the timer, which the loop closes, or a negative errno. */
static int watch_timer(struct loop *loop, int *fd, uint64_t interval_ns, uint64_t now_ns,
                       enum what what)
{
	*fd = timer_start(interval_ns, now_ns);
	return *fd < 0 ? *fd : watch(loop, *fd, what, 0);
}

static int watch_all(struct loop *loop)
{
	const uint64_t flush_ns = stages_flush_interval(loop->stages);
	const uint64_t now_ns = clock_monotonic_ns();
	int err = watch(loop, loop->signals->fd, SIGNAL, 0);

	if (!err && flush_ns)
		err = watch_timer(loop, &loop->flush_fd, flush_ns, now_ns, FLUSH);
	if (!err && progress_is_wanted(loop->stages))
		err = watch_timer(loop, &loop->progress_fd, PROGRESS_INTERVAL_NS, now_ns, PROGRESS);
	if (!err)
		err = ticks_init(&loop->ticks, loop->stages, now_ns);
	for (size_t i = 0; i < loop->ticks.n && !err; i++)
		err = watch(loop, loop->ticks.of[i].fd, TICK, i);
	for (size_t i = 0; i < loop->stages->n_sources && !err; i++) {
		const struct source *source = loop->stages->sources[i].source;

		if (source->fd >= 0)
			err = watch(loop, source->fd, READY, i);
	}
	return err;
}

int loop_new(struct stages *stages, struct signals *signals, struct loop **result)
{
	struct loop *loop = calloc(1, sizeof(*loop));
	int err = -ENOMEM;

	*result = NULL;
	if (!loop)
		goto fail;
	*loop = (struct loop){.stages = stages,
	                      .signals = signals,
	                      .flush_fd = -1,
	                      .progress_fd = -1,
	                      .time_fd = -1};
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	err = loop->epoll_fd < 0 ? -errno : watch_all(loop);
	if (err)
		goto fail;
	*result = loop;
	return 0;
fail:
	loop_free(loop);
	return descriptors_log(err, "set up timers");
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	ticks_fini(&loop->ticks);
	close_if_open(loop->flush_fd);
	close_if_open(loop->time_fd);
	close_if_open(loop->progress_fd);
	close_if_open(loop->epoll_fd);
	free(loop);
}

static void take_signal(struct loop *loop)
{
	signals_take(loop->signals, loop->command_ended ? -1 : loop->pidfd, loop->pid);
}

static void note_end(struct loop *loop)
{
	loop->command_ended = true;
	loop->requests_before = loop->signals->n_end_requests;
}

static void handle(struct loop *loop, uint64_t data)
{
	size_t index = (size_t)(data >> 8);

	switch ((enum what)(data & 0xff)) {
	case COMMAND:
		note_end(loop);
		epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, loop->pidfd, NULL);
		break;
	case WATCHED:
		loop->watched_n--;
		epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, loop->watched[index], NULL);
		break;
	case TIME_OVER:
		loop->is_time_over |= timer_take(loop->time_fd);
		break;
	case SIGNAL:
		take_signal(loop);
		break;
	case FLUSH:
		if (timer_take(loop->flush_fd))
			pipeline_flush(loop->stages->pipeline);
		break;
	case HELPERS:
		helpers_ready(loop->helpers, loop->command_ended ? 0 : (uint32_t)loop->pid);
		break;
	case PROGRESS:
		loop->progress_is_due = timer_take(loop->progress_fd);
		break;
	case TICK:
		ticks_handle(&loop->ticks, index, loop->stages);
		break;
	case READY:
		if (!stages_ready(loop->stages, index))
			epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL,
			          loop->stages->sources[index].source->fd, NULL);
		break;
	}
}

/* The command's end is handled first: its energy must be read at once. */
static bool has_command(const struct epoll_event *events, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		if (events[i].data.u64 == tag(COMMAND, 0))
			return true;
	}
	return false;
}

static bool is_to_end(const struct loop *loop)
{
	if (!loop->command_ended)
		return loop->signals->n_end_requests >= REQUESTS_WITH_COMMAND;
	return loop->signals->n_end_requests >= loop->requests_before + REQUESTS_AFTER_COMMAND;
}

static bool goes_on(const struct loop *loop, bool wait_tree)
{
	if (is_to_end(loop))
		return false;
	return !loop->command_ended || (wait_tree && stages_busy(loop->stages));
}

int loop_wait_writable(struct loop *loop, int fd)
{
	struct pollfd fds[] = {
		{.fd = fd, .events = POLLOUT},
		{.fd = loop->signals->fd, .events = POLLIN},
		{.fd = loop->command_ended ? -1 : loop->pidfd, .events = POLLIN},
	};

	/* Rows that can be written without waiting are written, whatever ends the run. */
	while (poll(fds, 1, 0) <= 0) {
		if (is_to_end(loop))
			return -EINTR;
		if (poll(fds, 3, -1) < 0)
			continue;
		if (fds[1].revents)
			take_signal(loop);
		if (fds[2].revents)
			return -EAGAIN;
	}
	return 0;
}

/*
 * The command may have ended while the agent waited for a reader, and a signal may have ended the
 * run before the loop noticed that.
 */
static void look_for_unseen_end(struct loop *loop)
{
	struct pollfd ended = {.fd = loop->pidfd, .events = POLLIN};

	/* Not note_end(), which would discard the request to end. */
	if (!loop->command_ended)
		loop->command_ended = poll(&ended, 1, 0) > 0;
}

/* After an epoll error, wait for the command only; WNOWAIT leaves its status to reap(). */
static void wait_for_command_only(struct loop *loop)
{
	siginfo_t info;

	while (waitid(P_PIDFD, (id_t)loop->pidfd, &info, WEXITED | WNOWAIT) && errno == EINTR)
		;
	note_end(loop);
}

/*
 * Wait for events and handle them. Returns 0 or a negative errno; 1 if ends_with_command is set and
 * the command has ended, before anything else is handled.
 */
static int step(struct loop *loop, int timeout_ms, bool ends_with_command)
{
	struct epoll_event events[16];
	int n = epoll_wait(loop->epoll_fd, events, 16, timeout_ms), i;

	if (n < 0 && errno != EINTR)
		return -errno;
	clock_follow();
	if (ends_with_command && has_command(events, n))
		return 1;
	for (i = 0; i < n; i++)
		handle(loop, events[i].data.u64);
	if (pipeline_is_window_due(loop->stages->pipeline))
		stages_end_window(loop->stages);
	if (loop->progress_is_due)
		progress_show(loop->stages);
	loop->progress_is_due = false;
	return 0;
}

void loop_find_helpers(struct loop *loop, struct helpers *helpers)
{
	loop->helpers = helpers;
}

int loop_run(struct loop *loop, int pid, int pidfd, bool wait_tree)
{
	int err;

	loop->pid = pid;
	loop->pidfd = pidfd;
	if (loop->helpers && helpers_begin(loop->helpers) >= 0)
		watch(loop, loop->helpers->fd, HELPERS, 0); /* else no helper is found, no harm */
	stages_begin(loop->stages);
	err = watch(loop, pidfd, COMMAND, 0);
	while (!err && goes_on(loop, wait_tree))
		err = step(loop, loop->command_ended ? LAST_END_MS : -1, !wait_tree);
	if (err > 0) {
		note_end(loop);
		err = 0;
	}
	progress_remove(loop->stages);
	if (err) {
		log_error("cannot wait for events (epoll): %s\n"
		          "the command runs on, and is measured when it has ended",
		          strerror(-err));
		wait_for_command_only(loop);
	}
	look_for_unseen_end(loop);
	return err;
}

/* The epoll timeout: the end of the last process of a cgroup or the machine causes no wakeup. */
static int watch_timeout(const struct loop *loop)
{
	return loop->watched_n || !stages_can_be_busy(loop->stages) ? -1 : WATCHED_END_MS;
}

static bool watch_goes_on(const struct loop *loop)
{
	if (is_to_end(loop) || loop->is_time_over)
		return false;
	return loop->watched_n || !stages_can_be_busy(loop->stages) || stages_busy(loop->stages);
}

int loop_watch(struct loop *loop, const int *pidfds, size_t n, uint64_t for_ns)
{
	int err = 0;

	loop->pid = loop->pidfd = -1;
	loop->watched = pidfds;
	loop->watched_n = n;
	note_end(loop); /* signals are meant for the agent */
	stages_begin(loop->stages);
	for (size_t i = 0; i < n && !err; i++)
		err = watch(loop, pidfds[i], WATCHED, i);
	if (!err && for_ns)
		err = watch_timer(loop, &loop->time_fd, for_ns, clock_monotonic_ns(), TIME_OVER);
	while (!err && watch_goes_on(loop))
		err = step(loop, watch_timeout(loop), false);
	progress_remove(loop->stages);
	return err ? log_errno(err, "cannot wait for events (epoll): %s", strerror(-err)) : 0;
}

bool loop_command_ended(const struct loop *loop)
{
	return loop->command_ended;
}
