/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Small files of sysfs and procfs, read below one root folder: "/" for this machine, or a folder in
 * which another machine is laid out. A path is relative to that root: "sys/class/powercap".
 */
#ifndef LINUX_SYSFS_H
#define LINUX_SYSFS_H

#include <stddef.h>
#include <stdint.h>

#include "linux/cpu_list.h"

/* A root to read below. Returns a descriptor (close-on-exec, for openat() only) or -errno. */
int sysfs_open_root(const char *path);

/* "folder/file", for free(); NULL when memory ran out. */
char *sysfs_join(const char *folder, const char *file);

/*
 * The text of a file, without blanks at its end, always NUL-terminated. At most size - 1 bytes are
 * kept: that is enough for every file with one value, and for the start of a longer one.
 * Returns the length, or -errno.
 */
int sysfs_read(int root, const char *path, char *text, size_t size);

/*
 * A file that holds one unsigned number, decimal or 0x….
 * Returns 0; -EBADMSG when it holds anything else; -errno of open() or read().
 */
int sysfs_read_u64(int root, const char *path, uint64_t *value);

/* The same for a text: nothing may stand before or behind the number. Returns 0 or -EBADMSG. */
int sysfs_parse_u64(const char *text, uint64_t *value);

/*
 * A file in the kernel's list format, "0-3,8". Returns as cpu_list_parse() and sysfs_read() do; the
 * list is empty after an error.
 */
int sysfs_read_cpu_list(int root, const char *path, struct cpu_list *list);

#endif
