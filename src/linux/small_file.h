/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reads small files, mainly of sysfs and procfs. sysfs.h and text_file.h use it. */
#ifndef LINUX_SMALL_FILE_H
#define LINUX_SMALL_FILE_H

#include <sys/types.h>

/*
 * Read up to size bytes from the start of a file. folder: the directory that a relative path starts
 * from, as for openat() (AT_FDCWD). Never waits, for example for the writer of a FIFO. Returns the
 * number of bytes, or the negative errno of opening or reading the file.
 */
ssize_t small_file_read(int folder, const char *path, void *data, size_t size);

#endif
