/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The program and arguments of a running process, from /proc. The caller checks that the pid was
 * not reused.
 */
#ifndef LINUX_PROCESS_NAMES_H
#define LINUX_PROCESS_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Remove " (deleted)", which procfs appends to the path of a file that was removed or replaced. */
void process_cut_deleted(char *path);

/* The path of its program, for free(); NULL: it has none (a kernel thread), or cannot be read. */
char *process_exe(uint32_t pid);

/*
 * At most max bytes of its arguments, each terminated by a NUL, which the caller frees; NULL as for
 * process_exe(). *is_cut: there are more; *length does not include the NUL of a truncated one.
 */
char *process_args(uint32_t pid, size_t max, size_t *length, bool *is_cut);

#endif
