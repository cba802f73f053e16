/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds the file that exec last wrote by default, for a report without arguments. */
#ifndef CLI_LAST_OUTPUT_H
#define CLI_LAST_OUTPUT_H

#include "config/config.h"

/*
 * Find the newest file that matches the configured output_path; any pid, time and so on match its
 * placeholders. Returns 0 and the path, which the caller frees; -ENOENT if there is none; or
 * another negative errno. Errors are logged.
 */
int last_output_find(const struct config_request *request, char **path);

#endif
