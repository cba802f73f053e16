/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* File descriptors: whether there are enough, and which files they are. */
#ifndef LINUX_DESCRIPTORS_H
#define LINUX_DESCRIPTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/*
 * Check whether this process can open n more file descriptors at once. Returns 0, or -EMFILE,
 * logged. A limit of DESCRIPTORS_PLENTY or more counts as enough, without trying.
 */
#define DESCRIPTORS_PLENTY 256
int descriptors_need(size_t n);

/* Log that the agent cannot do what, "open …", because of the limit on open files (EMFILE). */
void descriptors_say_short(const char *what);

/* The same for any negative errno, with the limit if it is -EMFILE. Returns err. */
int descriptors_log(int err, const char *what);

/*
 * The file descriptor that a path names: /dev/stdout, /dev/stderr, /dev/fd/N or /proc/self/fd/N; -1
 * for any other path.
 */
int descriptors_named(const char *path);

/*
 * Why the file descriptor cannot be written to: it is not open, is the agent's own, or is for
 * reading. NULL: it can.
 */
const char *descriptors_problem(int n);

/* Whether the agent itself has opened this file, too, with another descriptor than fd. */
bool descriptors_have_file(const struct stat *file, int fd);

#endif
