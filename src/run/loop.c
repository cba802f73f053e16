/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "run/loop.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"

/* Wishes that end the run while the command goes on, and once it has ended. */
#define WISHES_WITH_COMMAND 2
#define WISHES_AFTER_COMMAND 1

/*
 * With --wait-tree, how long the end of the last process may go unseen: what wakes the agent is its
 * record, which is made a moment before the process is no longer counted.
 */
#define LAST_END_MS 50

enum what { COMMAND, SIGNAL, FLUSH, POLL, READY };

/* What an epoll event stands for, in its 64 bits of data. */
static uint64_t tag(enum what what, size_t source)
{
	return (uint64_t)source << 8 | what;
}

struct loop {
	struct stages *stages;
	int epoll_fd;
	struct signals *signals;
	int flush_fd;
	int *poll_fds; /* by source, -1: none */
	int pid, pidfd;
	bool command_ended;
	unsigned int wishes_before; /* for the end, while the command ran */
};

static int watch(struct loop *loop, int fd, enum what what, size_t source)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = tag(what, source)};

	return epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

/* A timer that ticks from now on, each interval. Returns its descriptor or a negative errno. */
static int start_timer(uint64_t interval_ns)
{
	const struct timespec interval = {
		.tv_sec = (time_t)(interval_ns / NSEC_PER_SEC),
		.tv_nsec = (long)(interval_ns % NSEC_PER_SEC),
	};
	const struct itimerspec spec = {.it_interval = interval, .it_value = interval};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd < 0)
		return -errno;
	if (timerfd_settime(fd, 0, &spec, NULL)) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

static int watch_timer(struct loop *loop, uint64_t interval_ns, enum what what, size_t source,
                       int *fd)
{
	if (!interval_ns)
		return 0;
	*fd = start_timer(interval_ns);
	return *fd < 0 ? *fd : watch(loop, *fd, what, source);
}

static int watch_sources(struct loop *loop)
{
	size_t i;
	int err = 0;

	for (i = 0; i < loop->stages->n_sources && !err; i++) {
		const struct source *source = loop->stages->sources[i].source;

		err = watch_timer(loop, source->poll_interval_ns, POLL, i, &loop->poll_fds[i]);
		if (!err && source->fd >= 0)
			err = watch(loop, source->fd, READY, i);
	}
	return err;
}

int loop_new(struct stages *stages, struct signals *signals, struct loop **result)
{
	struct loop *loop = calloc(1, sizeof(*loop));
	int err = -ENOMEM;
	size_t i;

	*result = NULL;
	if (!loop)
		goto fail;
	*loop = (struct loop){.stages = stages, .signals = signals, .flush_fd = -1};
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	loop->poll_fds = calloc(stages->n_sources + 1, sizeof(*loop->poll_fds));
	if (!loop->poll_fds)
		goto fail;
	for (i = 0; i < stages->n_sources; i++)
		loop->poll_fds[i] = -1;
	err = loop->epoll_fd < 0 ? -errno : watch(loop, signals->fd, SIGNAL, 0);
	if (!err)
		err = watch_timer(loop, stages_flush_interval(stages), FLUSH, 0, &loop->flush_fd);
	if (!err)
		err = watch_sources(loop);
	if (err)
		goto fail;
	*result = loop;
	return 0;
fail:
	log_error("cannot set up timers: %s", strerror(-err));
	loop_free(loop);
	return err;
}

void loop_free(struct loop *loop)
{
	size_t i;

	if (!loop)
		return;
	for (i = 0; loop->poll_fds && i < loop->stages->n_sources; i++) {
		if (loop->poll_fds[i] >= 0)
			close(loop->poll_fds[i]);
	}
	if (loop->flush_fd >= 0)
		close(loop->flush_fd);
	if (loop->epoll_fd >= 0)
		close(loop->epoll_fd);
	free(loop->poll_fds);
	free(loop);
}

/* However many ticks were missed, one look makes up for them. False: none was due after all. */
static bool take_tick(int fd)
{
	uint64_t ticks;

	return read(fd, &ticks, sizeof(ticks)) == sizeof(ticks);
}

static void take_signal(struct loop *loop)
{
	signals_take(loop->signals, loop->command_ended ? -1 : loop->pidfd, loop->pid);
}

static void note_end(struct loop *loop)
{
	loop->command_ended = true;
	loop->wishes_before = loop->signals->n_wishes;
}

static void handle(struct loop *loop, uint64_t data)
{
	size_t source = (size_t)(data >> 8);

	switch ((enum what)(data & 0xff)) {
	case COMMAND:
		note_end(loop);
		epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, loop->pidfd, NULL);
		break;
	case SIGNAL:
		take_signal(loop);
		break;
	case FLUSH:
		if (take_tick(loop->flush_fd))
			pipeline_flush(loop->stages->pipeline);
		break;
	case POLL:
		if (take_tick(loop->poll_fds[source]))
			stages_poll(loop->stages, source);
		break;
	case READY:
		if (!stages_ready(loop->stages, source))
			epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL,
			          loop->stages->sources[source].source->fd, NULL);
		break;
	}
}

/* The command's end first: its energy is to be read at once. */
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
		return loop->signals->n_wishes >= WISHES_WITH_COMMAND;
	return loop->signals->n_wishes >= loop->wishes_before + WISHES_AFTER_COMMAND;
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

	/* However the run ends, what can be written is written. */
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

/* It may have ended while the agent waited for a reader, and the run been ended before that was seen. */
static void look_for_unseen_end(struct loop *loop)
{
	struct pollfd ended = {.fd = loop->pidfd, .events = POLLIN};

	/* Not note_end(): the wish for the end holds. */
	if (!loop->command_ended)
		loop->command_ended = poll(&ended, 1, 0) > 0;
}

/* Nothing else can be done; WNOWAIT leaves the command's status for who takes it. */
static void wait_for_command_only(struct loop *loop)
{
	siginfo_t info;

	while (waitid(P_PIDFD, (id_t)loop->pidfd, &info, WEXITED | WNOWAIT) && errno == EINTR)
		;
	note_end(loop);
}

int loop_run(struct loop *loop, int pid, int pidfd, bool wait_tree)
{
	struct epoll_event events[16];
	int err, n, i;

	loop->pid = pid;
	loop->pidfd = pidfd;
	pipeline_begin(loop->stages->pipeline);
	err = watch(loop, pidfd, COMMAND, 0);
	while (!err && goes_on(loop, wait_tree)) {
		n = epoll_wait(loop->epoll_fd, events, 16, loop->command_ended ? LAST_END_MS : -1);
		if (n < 0 && errno != EINTR)
			err = -errno;
		clock_follow();
		if (!wait_tree && has_command(events, n)) {
			note_end(loop);
			break;
		}
		for (i = 0; i < n; i++)
			handle(loop, events[i].data.u64);
	}
	if (err) {
		log_error("cannot wait for several things at once: %s\n"
		          "the command runs on, and is measured when it has ended",
		          strerror(-err));
		wait_for_command_only(loop);
	}
	look_for_unseen_end(loop);
	return err;
}

bool loop_command_ended(const struct loop *loop)
{
	return loop->command_ended;
}
