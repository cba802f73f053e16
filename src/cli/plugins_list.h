/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The sub-command that tells which plugins there are. */
#ifndef AGENT_PLUGINS_LIST_H
#define AGENT_PLUGINS_LIST_H

#include "config/config.h"

/*
 * Write a line for each plugin to stdout: its kind, whether file and options switch it on, whether
 * it would work on this machine. Returns the exit status: 0, or EXIT_AGENT when the configuration
 * is wrong or the list cannot be written.
 */
int plugins_list(const struct config_request *request);

/* Write the names of all plugins to stdout, one a line. Returns the exit status. */
int plugins_list_names(void);

#endif
