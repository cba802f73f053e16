/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reads small files of sysfs and procfs below a root: "" for the machine's own. */
#ifndef LINUX_TEXT_FILE_H
#define LINUX_TEXT_FILE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Read up to size - 1 bytes of a file, without trailing white space; path is relative to the root.
 * Returns 0, or a negative errno with text "".
 */
int text_file_read(const char *root, const char *path, char *text, size_t size);

/* Whether the file or directory exists. */
bool text_file_exists(const char *root, const char *path);

#endif
