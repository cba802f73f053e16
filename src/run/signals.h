/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Signals to the agent. It stays in the terminal's foreground group beside the command, so what the
 * terminal sends (Ctrl-C, another window size) reaches the command by itself; what a process sends
 * to the agent, and its own alarm, is meant for the command and is passed on, with the value that it
 * was queued with.
 *
 * What is sent to their whole group comes to the command twice. The two cannot be told apart: kill(2)
 * writes the same siginfo (SI_USER, sender's pid and uid) for one process and for a group, and
 * whether the command has been sent the signal too shows in /proc/PID/status only until it takes it.
 * While it has not, the kernel makes one signal of the two. Only a further process in the group could
 * be asked, and it would cost each run a clone(2) and be seen by whoever looks at the group.
 */
#ifndef AGENT_SIGNALS_H
#define AGENT_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

/* What was asked of the agent so far. Zeroed at first. */
struct signals {
	int fd; /* readable when a signal came */
	unsigned int
		n_wishes; /* for the end: SIGTERMs, and once the command has ended others too */
	bool interrupted; /* SIGINT, SIGQUIT, SIGTERM or SIGHUP came, whomever it was meant for */
	uint64_t last_wish_ns; /* CLOCK_MONOTONIC */
};

/*
 * Block the signals and open the descriptor. SIGPIPE and SIGXFSZ are blocked too: an output that
 * takes no more is an error of write(). Returns 0 or a negative errno.
 */
int signals_open(struct signals *signals);
void signals_close(struct signals *signals);

/*
 * The signal that has asked for the end before there is a command to send it to: SIGINT, SIGQUIT,
 * SIGTERM or SIGHUP; 0 for none. Others that came are dropped.
 */
int signals_before_command(struct signals *signals);

/*
 * The command has just been started: what came since signals_before_command() may have been sent
 * before it was there, and is passed on whoever sent it.
 */
void signals_at_start(struct signals *signals, int pidfd);

/*
 * Take one signal and pass it on through the command's pidfd where that is due; -1: the command has
 * ended, and who wishes the end means the agent. Reaps processes that were left to the agent (as
 * process 1 of a container), but not the command (pid).
 */
void signals_take(struct signals *signals, int pidfd, int pid);

#endif
