/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef LINUX_SAME_FILE_H
#define LINUX_SAME_FILE_H

#include <stdbool.h>

/*
 * Whether writing to one path would replace what is written to, or read from, the other: both name
 * the same regular file, or would create the same one. Links are followed. Devices, FIFOs and the
 * file descriptors in /proc/self/fd are never the same.
 */
bool same_file(const char *a, const char *b);

#endif
