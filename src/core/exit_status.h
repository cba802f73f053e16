/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The agent's own exit statuses; all others are those of the command. */
#ifndef CORE_EXIT_STATUS_H
#define CORE_EXIT_STATUS_H

/* Bad command line, as in most programs that use getopt(). */
#define EXIT_USAGE 2
/* The run could not start, or its output was not written to the end. */
#define EXIT_AGENT 125

#endif
