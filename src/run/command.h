/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The traced command: started as a shell would start it, with nothing of the agent in it. */
#ifndef AGENT_COMMAND_H
#define AGENT_COMMAND_H

#include <signal.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "linux/user.h"

/* What the agent was started with and changes for itself; the command gets it back. */
struct inherited {
	char **environment;
	char **given_environment; /* the same, or what the linker left of it */
	sigset_t signal_mask;
	struct sigaction on_child_end; /* ignored, it would take the command's exit status away */
	struct rlimit locked_memory;   /* raised by libbpf before Linux 5.11 */
	struct rlimit open_files;      /* raised to what is allowed: energy counters, cores */
	const struct user *user;       /* whom the command is run as; NULL: whom the agent is */
	char **user_environment;       /* that user's; NULL likewise */
};

/* Note all of it, and set what the agent needs, first thing in main(). argv is main's. */
void inherited_save(struct inherited *inherited, char **argv);

/*
 * Run the command as this user, who must live as long: with the user's groups, HOME, USER, LOGNAME and
 * SHELL. Returns 0, or -ENOMEM after telling the user.
 */
int inherited_set_user(struct inherited *inherited, const struct user *user);
void inherited_free(struct inherited *inherited);

/*
 * Execute argv[0], looked up in PATH. Returns when the command's program is in place, or was not to
 * be: 0 and its pid and pidfd (close-on-exec), or the negative errno of clone() or execve().
 */
int command_start(char *const *argv, const struct inherited *inherited, pid_t *pid, int *pidfd);

/*
 * The exit status for a command that could not be executed, 127 or 126 as shells have it, after
 * telling the user why and what may have been meant. err is command_start()'s.
 */
int command_explain(const char *name, int err);

#endif
