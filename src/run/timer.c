/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "run/timer.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "core/clock.h"

static struct timespec timespec_of(uint64_t ns)
{
	return (struct timespec){
		.tv_sec = (time_t)(ns / NSEC_PER_SEC),
		.tv_nsec = (long)(ns % NSEC_PER_SEC),
	};
}

int timer_set(int fd, uint64_t interval_ns, uint64_t moment_ns)
{
	const struct itimerspec spec = {
		.it_interval = timespec_of(interval_ns),
		.it_value = timespec_of(moment_ns + interval_ns),
	};

	return timerfd_settime(fd, TFD_TIMER_ABSTIME, &spec, NULL) ? -errno : 0;
}

int timer_start(uint64_t interval_ns, uint64_t moment_ns)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), err;

	if (fd < 0)
		return -errno;
	err = timer_set(fd, interval_ns, moment_ns);
	if (err)
		close(fd);
	return err ? err : fd;
}

bool timer_take(int fd)
{
	uint64_t ticks;

	return read(fd, &ticks, sizeof(ticks)) == sizeof(ticks);
}
