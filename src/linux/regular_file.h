/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Opens files whose path somebody else has chosen: files that a process has mapped, or has written
 * for others to read. Meanwhile, the path may name a device, which open() would activate, or a FIFO
 * or a file with a lease (fcntl(2)), for which open() would wait.
 */
#ifndef LINUX_REGULAR_FILE_H
#define LINUX_REGULAR_FILE_H

#include <sys/stat.h>

/*
 * Open the path for reading if it names a regular file, and nothing else. flags: 0 or O_NOFOLLOW.
 * status: for that of the file, or NULL. Returns a close-on-exec file descriptor or a negative
 * errno: -EINVAL if it is not a regular file, -EWOULDBLOCK if somebody holds a lease on it, -ENOENT
 * also if /proc is not mounted.
 */
int regular_file_open(const char *path, int flags, struct stat *status);

#endif
