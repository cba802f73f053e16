/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * CPUs that come online during a run, as the kernel announces them (uevents). The events of a CPU
 * that went offline are dead, and must be opened anew.
 */
#ifndef PERF_HOTPLUG_H
#define PERF_HOTPLUG_H

#include <stdint.h>

/*
 * A non-blocking socket that is readable when a device changed; -1 where there are no uevents, as
 * in the network namespace of a container.
 */
int hotplug_open(void);

/* Take everything off the socket; calls online() for each CPU that has come online, maybe again. */
void hotplug_take(int fd, void (*online)(void *data, uint32_t cpu), void *data);

#endif
