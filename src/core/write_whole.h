/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef CORE_WRITE_WHOLE_H
#define CORE_WRITE_WHOLE_H

#include <stddef.h>

/*
 * Write all n bytes to a file descriptor, and wait when it is full: standard error is shared with
 * the command, which may have made it non-blocking. Returns 0 or a negative errno.
 */
int write_whole(int fd, const char *bytes, size_t n);

#endif
