/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The environment that the program was started with. With capabilities on its file the dynamic
 * linker takes variables like LD_LIBRARY_PATH out before main(); the command shall have them.
 */
#ifndef AGENT_ENVIRONMENT_H
#define AGENT_ENVIRONMENT_H

#include "linux/user.h"

/*
 * The environment as execve() was given it, NULL-terminated: environ itself unless something was
 * taken out. argv is main's. The strings belong to the process; an array other than
 * environ is to be freed.
 */
char **environment_original(char **argv);

/*
 * A copy of an environment with HOME, USER, LOGNAME and SHELL of the user, whatever it had of them.
 * For environment_free_of_user(); NULL when memory has run out.
 */
char **environment_of_user(char *const *environment, const struct user *user);
void environment_free_of_user(char **environment);

#endif
