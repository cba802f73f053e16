/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The environment that the agent was started with. If the agent's file has capabilities, the
 * dynamic linker removes variables like LD_LIBRARY_PATH before main(); the command gets them back.
 */
#ifndef RUN_ENVIRONMENT_H
#define RUN_ENVIRONMENT_H

#include "linux/user.h"

/*
 * The environment as passed to execve(), NULL-terminated: environ itself unless something was
 * removed. argv is main's. The strings belong to the process; the caller frees an array other than
 * environ.
 */
char **environment_original(char **argv);

/*
 * A copy of the environment with the user's HOME, USER, LOGNAME and SHELL. Free it with
 * environment_free_of_user(). NULL: out of memory.
 */
char **environment_of_user(char *const *environment, const struct user *user);
void environment_free_of_user(char **environment);

#endif
