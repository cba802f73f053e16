/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reports CPUs that come online during a run, from the kernel's uevents. When a CPU goes offline,
 * its perf events stop for good and must be opened again.
 */
#ifndef LINUX_HOTPLUG_H
#define LINUX_HOTPLUG_H

#include <stdint.h>

/*
 * Open a non-blocking socket that becomes readable when a device changes. Returns -1 if there are
 * no uevents, as in the network namespace of a container.
 */
int hotplug_open(void);

/* Read all messages, and call online() for each CPU that came online, perhaps more than once. */
void hotplug_take(int fd, void (*online)(void *data, uint32_t cpu), void *data);

#endif
