/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The most memory that a living process has had at once. */
#ifndef LINUX_PEAK_RSS_H
#define LINUX_PEAK_RSS_H

#include <stdint.h>

/*
 * VmHWM of /proc/PID/status, in bytes: the peak since the last exec. Returns 0; -ENODATA when it has
 * no memory map any more; another negative errno when there is no such process.
 */
int peak_rss_read(uint32_t pid, uint64_t *bytes);

#endif
