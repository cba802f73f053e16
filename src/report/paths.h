/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The files to read for a report. */
#ifndef REPORT_PATHS_H
#define REPORT_PATHS_H

#include <stddef.h>

/* Zeroed: empty. */
struct report_paths {
	char **paths;
	size_t n;
};

/*
 * Add a file. If no file has this name, it is a pattern: add all matching files, sorted by name. If
 * nothing matches, add the name as it is; opening it then logs the error. Returns 0, or -ENOMEM
 * after logging it.
 */
int report_paths_add(struct report_paths *paths, const char *name);

/*
 * Of the files from this one on, drop those that are named twice, as by a name and a pattern, with
 * a warning: their runs would count twice. Returns 0, or -ENOMEM after logging it.
 */
int report_paths_drop_repeated(struct report_paths *paths, size_t first);

/*
 * Refuse an output (NULL: the standard output) that would replace one of the files. Returns 0, or
 * -EINVAL after logging it.
 */
int report_paths_check_output(const struct report_paths *paths, const char *output);

void report_paths_fini(struct report_paths *paths);

#endif
