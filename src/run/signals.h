/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Signals to the agent. It stays in the terminal's foreground group together with the command, so
 * signals from the terminal (Ctrl-C, a window size change) reach the command directly. Signals that
 * a process sends to the agent, and the agent's own alarm, are meant for the command and are
 * forwarded, with the value that they were queued with.
 *
 * A signal to the whole group reaches the command twice. The two cannot be distinguished: kill(2)
 * writes the same siginfo (SI_USER, sender's pid and uid) for a process and for a group, and in
 * /proc/PID/status a signal sent to the command itself shows only while it is pending. During that
 * time the kernel merges the two. Only a third process in the group could tell them apart, at the
 * cost of a clone(2) for each run, and visible to the others in the group.
 */
#ifndef RUN_SIGNALS_H
#define RUN_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

/* Requests received as signals. Zeroed initially. */
struct signals {
	int fd;                      /* readable when a signal is pending */
	unsigned int n_end_requests; /* SIGTERMs; after the command's end, others too */
	bool interrupted; /* the agent or the command got SIGINT, SIGQUIT, SIGTERM or SIGHUP */
	uint64_t last_end_request_ns; /* CLOCK_MONOTONIC */
};

/*
 * Block the signals and open the signalfd. SIGPIPE and SIGXFSZ are blocked too, so that a failed
 * output is an error of write(). Returns 0 or a negative errno.
 */
int signals_open(struct signals *signals);
void signals_close(struct signals *signals);

/*
 * The signal that asked for the end before the command was started: SIGINT, SIGQUIT, SIGTERM or
 * SIGHUP; 0 for none. Other pending signals are dropped.
 */
int signals_before_command(struct signals *signals);

/*
 * The command has just been started: forward all signals that arrived since
 * signals_before_command(), whoever sent them, since they may predate the command.
 */
void signals_at_start(struct signals *signals, int pidfd);

/*
 * Take one signal and forward it through the command's pidfd if it is meant for the command. pidfd
 * -1: the command has ended, and a request to end is meant for the agent. Reaps processes
 * reparented to the agent (as process 1 of a container), but not the command (pid).
 */
void signals_take(struct signals *signals, int pidfd, int pid);

#endif
