/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rapl_ticks SECONDS: wakes up 1000 times a second and does nothing. What that costs depends on the
 * machine (a virtual one pays several times more for a timer), and is no program's fault: the
 * measure for what a program that polls at this rate does besides.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define INTERVAL_NS 1000000

int main(int argc, char **argv)
{
	const struct itimerspec every_ms = {
		.it_interval.tv_nsec = INTERVAL_NS,
		.it_value.tv_nsec = INTERVAL_NS,
	};
	struct epoll_event event = {.events = EPOLLIN};
	uint64_t left = argc > 1 ? strtoull(argv[1], NULL, 10) * 1000 : 0;
	int timer = timerfd_create(CLOCK_MONOTONIC, 0);
	int epoll = epoll_create1(0);

	if (timer < 0 || epoll < 0 || timerfd_settime(timer, 0, &every_ms, NULL) ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event))
		return 1;
	while (left > 0) {
		uint64_t ticks;

		if (epoll_wait(epoll, &event, 1, -1) < 0 ||
		    read(timer, &ticks, sizeof(ticks)) != sizeof(ticks))
			return 1;
		left -= ticks < left ? ticks : left;
	}
	return 0;
}
