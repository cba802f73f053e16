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

enum what { COMMAND, SIGNAL, FLUSH, TICK, READY };

/* What an epoll event stands for, in its 64 bits of data; index: of a tick or a source. */
static uint64_t tag(enum what what, size_t index)
{
	return (uint64_t)index << 8 | what;
}

/* A timer that several share: the sources with this poll interval, and the common window. */
struct tick {
	uint64_t interval_ns;
	int fd;
};

/* The samples of a window may take this share of one CPU: 1 %. */
#define WINDOW_COST_SHARE 100

struct loop {
	struct stages *stages;
	int epoll_fd;
	struct signals *signals;
	int flush_fd;
	struct tick *ticks; /* each of another interval */
	size_t n_ticks;
	int pid, pidfd;
	bool command_ended;
	uint64_t next_window_ns;    /* not before: the last one was costly */
	unsigned int wishes_before; /* for the end, while the command ran */
};

static int watch(struct loop *loop, int fd, enum what what, size_t index)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = tag(what, index)};

	return epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static struct timespec timespec_of(uint64_t ns)
{
	return (struct timespec){
		.tv_sec = (time_t)(ns / NSEC_PER_SEC),
		.tv_nsec = (long)(ns % NSEC_PER_SEC),
	};
}

/*
 * A timer that expires one interval after the moment, and each interval from then on: timers whose
 * intervals are multiples of each other expire together. Returns its descriptor or a negative errno.
 */
static int start_timer(uint64_t interval_ns, uint64_t moment_ns)
{
	const struct itimerspec spec = {
		.it_interval = timespec_of(interval_ns),
		.it_value = timespec_of(moment_ns + interval_ns),
	};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd < 0)
		return -errno;
	if (timerfd_settime(fd, TFD_TIMER_ABSTIME, &spec, NULL)) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

/* Watch a timer of this interval, unless there is one. */
static int watch_tick(struct loop *loop, uint64_t interval_ns, uint64_t moment_ns)
{
	int fd;

	if (!interval_ns)
		return 0;
	for (size_t i = 0; i < loop->n_ticks; i++) {
		if (loop->ticks[i].interval_ns == interval_ns)
			return 0;
	}
	fd = start_timer(interval_ns, moment_ns);
	if (fd < 0)
		return fd;
	loop->ticks[loop->n_ticks++] = (struct tick){interval_ns, fd};
	return watch(loop, fd, TICK, loop->n_ticks - 1);
}

static int watch_all(struct loop *loop)
{
	const uint64_t flush_ns = stages_flush_interval(loop->stages);
	const uint64_t now_ns = clock_monotonic_ns();
	int err = watch(loop, loop->signals->fd, SIGNAL, 0);

	if (!err && flush_ns) {
		loop->flush_fd = start_timer(flush_ns, now_ns);
		err = loop->flush_fd < 0 ? loop->flush_fd : watch(loop, loop->flush_fd, FLUSH, 0);
	}
	if (!err)
		err = watch_tick(loop, pipeline_window_ns(loop->stages->pipeline), now_ns);
	for (size_t i = 0; i < loop->stages->n_sources && !err; i++) {
		const struct source *source = loop->stages->sources[i].source;

		err = watch_tick(loop, source->poll_interval_ns, now_ns);
		if (!err && source->fd >= 0)
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
	*loop = (struct loop){.stages = stages, .signals = signals, .flush_fd = -1};
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	/* One for each source at most, and one for the window. */
	loop->ticks = calloc(stages->n_sources + 1, sizeof(*loop->ticks));
	if (!loop->ticks)
		goto fail;
	err = loop->epoll_fd < 0 ? -errno : watch_all(loop);
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
	if (!loop)
		return;
	for (size_t i = 0; i < loop->n_ticks; i++)
		close(loop->ticks[i].fd);
	if (loop->flush_fd >= 0)
		close(loop->flush_fd);
	if (loop->epoll_fd >= 0)
		close(loop->epoll_fd);
	free(loop->ticks);
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

/* With many processes to look at a window lasts for several ticks. */
static void tick_window(struct loop *loop, uint64_t interval_ns)
{
	const uint64_t now_ns = clock_monotonic_ns();

	if (now_ns + interval_ns / 2 < loop->next_window_ns)
		return;
	stages_end_window(loop->stages);
	loop->next_window_ns = now_ns + loop->stages->sample_cost_ns * WINDOW_COST_SHARE;
}

/*
 * The window first: its samples are of the moment at which it was to end. What sources share an
 * interval is read one after the other, in the order of the plugins' table.
 */
static void handle_tick(struct loop *loop, uint64_t interval_ns)
{
	if (interval_ns == pipeline_window_ns(loop->stages->pipeline))
		tick_window(loop, interval_ns);
	for (size_t i = 0; i < loop->stages->n_sources; i++) {
		if (loop->stages->sources[i].source->poll_interval_ns == interval_ns)
			stages_poll(loop->stages, i);
	}
}

static void handle(struct loop *loop, uint64_t data)
{
	size_t index = (size_t)(data >> 8);

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
	case TICK:
		if (take_tick(loop->ticks[index].fd))
			handle_tick(loop, loop->ticks[index].interval_ns);
		break;
	case READY:
		if (!stages_ready(loop->stages, index))
			epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL,
			          loop->stages->sources[index].source->fd, NULL);
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
		if (pipeline_is_window_due(loop->stages->pipeline))
			stages_end_window(loop->stages);
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
