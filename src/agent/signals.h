/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Signals to the agent. It stays in the terminal's foreground group beside the command, so what the
 * kernel sends (Ctrl-C, another window size) reaches the command by itself; what a process sends to
 * the agent is meant for the command and is passed on.
 */
#ifndef AGENT_SIGNALS_H
#define AGENT_SIGNALS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Block the signals and return a descriptor that is readable when one came, or a negative errno.
 * SIGPIPE and SIGXFSZ are blocked too: an output that takes no more is an error of write().
 */
int signals_open(void);

/*
 * Take one signal off the descriptor and pass it on through the command's pidfd where that is due.
 * *terminated counts the SIGTERMs. Returns 0, -EAGAIN when there was none, or a negative errno.
 */
int signals_forward(int fd, int pidfd, unsigned int *terminated);

#endif
