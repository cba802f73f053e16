/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Small files of sysfs and procfs, below a root: "" for the machine's own. */
#ifndef LINUX_TEXT_FILE_H
#define LINUX_TEXT_FILE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The text of a file, at most size - 1 bytes of it, without newlines at its end; path is relative to
 * the root. Returns 0, or a negative errno with text "".
 */
int text_file_read(const char *root, const char *path, char *text, size_t size);

/* Whether a file or folder is there. */
bool text_file_exists(const char *root, const char *path);

#endif
