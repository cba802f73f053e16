/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reads small files of sysfs and procfs below a root directory: "/" for this machine, or a
 * directory with the files of another machine. Paths are relative to the root:
 * "sys/class/powercap".
 */
#ifndef LINUX_SYSFS_H
#define LINUX_SYSFS_H

#include <stddef.h>
#include <stdint.h>

/* Open a root. Returns a close-on-exec file descriptor, for openat() only, or a negative errno. */
int sysfs_open_root(const char *path);

/* Returns "folder/file", which the caller frees; NULL when memory ran out. */
char *sysfs_join(const char *folder, const char *file);

/*
 * Read a file without trailing white space; text is always NUL-terminated. At most size - 1 bytes
 * are read: enough for every file with one value, and for the start of a longer one.
 * Returns the length, or a negative errno.
 */
int sysfs_read(int root, const char *path, char *text, size_t size);

/*
 * Read a file with one unsigned number, decimal or 0x….
 * Returns 0, -EBADMSG if it contains anything else, or the negative errno of open() or read().
 */
int sysfs_read_u64(int root, const char *path, uint64_t *value);

/* The same for a text: nothing may precede or follow the number. Returns 0 or -EBADMSG. */
int sysfs_parse_u64(const char *text, uint64_t *value);

#endif
