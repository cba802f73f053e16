/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The files that a report is made of. */
#ifndef REPORT_PATHS_H
#define REPORT_PATHS_H

#include <stddef.h>

/* Zeroed: empty. */
struct report_paths {
	char **paths;
	size_t n;
};

/*
 * Add a file, or, where there is none of that name, all that match it as a pattern, by name. What
 * matches nothing is added as it is: opening it tells what is wrong. Returns 0, or -ENOMEM after
 * logging it.
 */
int report_paths_add(struct report_paths *paths, const char *name);
void report_paths_fini(struct report_paths *paths);

#endif
