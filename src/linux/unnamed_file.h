/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A file that gets its name when it is whole (O_TMPFILE), and then may replace an existing one. If
 * it is closed before that, nothing is left of it.
 */
#ifndef LINUX_UNNAMED_FILE_H
#define LINUX_UNNAMED_FILE_H

#include <stdbool.h>
#include <sys/stat.h>

#include "linux/trust.h"

/*
 * Create one in the folder of the place, for writing. existing: the status of the file that it will
 * replace, whose owner and mode it gets; NULL: none. Returns a file descriptor; or -1 if there can
 * be none, or the existing file cannot be replaced: it is not a regular one, has several names, or
 * is mounted there. Then it has to be written in place.
 */
int unnamed_file_create(const struct trusted_name *place, const struct stat *existing);

/* Give it the name of the place. replaces: of an existing file. Returns 0 or a negative errno. */
int unnamed_file_give_name(int fd, const struct trusted_name *place, bool replaces);

#endif
