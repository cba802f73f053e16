/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The traced command, started as a shell would start it, with no trace of the agent in it. */
#ifndef RUN_COMMAND_H
#define RUN_COMMAND_H

#include <signal.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "linux/user.h"

/* Signals that the C library reserves: 32 to 34, see nptl(7); musl has three, glibc two. */
#define FIRST_LIBRARY_SIGNAL 32
#define N_LIBRARY_SIGNALS 3

/* An opaque signal disposition, as rt_sigaction(2) takes it. */
struct raw_disposition {
	unsigned long words[8];
};

/* What the agent inherited and changes for itself; it is restored for the command. */
struct inherited {
	char **environment;
	char **given_environment; /* the same, or what the dynamic linker left */
	sigset_t signal_mask;
	struct sigaction on_child_end; /* an ignored SIGCHLD would lose the exit status */
	struct raw_disposition
		on_library_signal[N_LIBRARY_SIGNALS]; /* pthread_create() installs a handler */
	struct rlimit locked_memory;                  /* raised by libbpf before Linux 5.11 */
	struct rlimit open_files; /* raised to the hard limit: energy counters, cores */
	const struct user *user;  /* the command runs as this user; NULL: as the agent's */
	char **user_environment;  /* of that user; NULL likewise */
};

/* Save all of it and set what the agent needs. The first call in main(); argv is main's. */
void inherited_save(struct inherited *inherited, char **argv);

/*
 * Run the command as this user: with the user's groups, HOME, USER, LOGNAME and SHELL. user must
 * outlive inherited. Returns 0, or -ENOMEM, logged.
 */
int inherited_set_user(struct inherited *inherited, const struct user *user);
void inherited_free(struct inherited *inherited);

/*
 * Execute argv[0], looked up in PATH. Returns once execve() has succeeded or failed: 0 with the pid
 * and pidfd (close-on-exec), or the negative errno of execve(), or, with a pid of -1, of creating
 * the process.
 */
int command_start(char *const *argv, const struct inherited *inherited, pid_t *pid, int *pidfd);

/*
 * Log why the command could not be executed and what was probably meant. err and pid are from
 * command_start(). Returns the exit status that shells use, 127 or 126, or EXIT_AGENT if there was
 * no process.
 */
int command_explain(const char *name, int err, pid_t pid);

#endif
