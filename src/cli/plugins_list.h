/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The sub-command that lists the plugins. */
#ifndef CLI_PLUGINS_LIST_H
#define CLI_PLUGINS_LIST_H

#include "config/config.h"

/*
 * Write a line for each plugin to stdout: its kind, whether the file and options switch it on, and
 * whether it would work on this machine. Returns the exit status: 0, or EXIT_AGENT if the
 * configuration is wrong or the list cannot be written.
 */
int plugins_list(const struct config_request *request);

#endif
