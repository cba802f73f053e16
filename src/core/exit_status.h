/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Exit statuses of the agent's own; all others are the command's. */
#ifndef CORE_EXIT_STATUS_H
#define CORE_EXIT_STATUS_H

/* A bad command line, as every getopt program has it. */
#define EXIT_USAGE 2
/* The run could not start, or its output was not written to the end. */
#define EXIT_AGENT 125

#endif
