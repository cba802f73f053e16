/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* perf_event_open(2), for which the C library has no function. */
#ifndef LINUX_PERF_EVENT_H
#define LINUX_PERF_EVENT_H

#include <linux/perf_event.h>

/*
 * Open an event for everything that runs on a CPU, with the agent's privileges. group_fd: the
 * leader of the group to join, or -1. Returns a close-on-exec file descriptor, or a negative errno.
 */
int perf_event_open_on_cpu(const struct perf_event_attr *attr, int cpu, int group_fd);

#endif
