/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "run/environment.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

static const char *after(const char *string)
{
	return string + strlen(string) + 1;
}

/*
 * execve() stores the strings one after another: the arguments, the environment, the path of the
 * program (fs/exec.c, copy_strings()). The dynamic linker only moves pointers in envp, so the
 * strings it removed are still in memory.
 */
char **environment_original(char **argv)
{
	const char *end = (const char *)getauxval(AT_EXECFN);
	const char *first = argv[0], *string;
	char **environment;
	size_t n = 0;

	if (!getauxval(AT_SECURE) || !end || !first)
		return environ;
	while (*argv)
		first = after(*argv++);
	for (string = first; string < end; string = after(string))
		n++;
	environment = calloc(n + 1, sizeof(*environment));
	if (!environment)
		return environ;
	n = 0;
	for (string = first; string < end; string = after(string)) {
		if (strchr(string, '='))
			environment[n++] = (char *)string;
	}
	return environment;
}

/* The variables that login(1) and su(1) set, in the order of the values below. */
static const char *const user_variables[] = {"HOME", "USER", "LOGNAME", "SHELL"};
#define N_USER_VARIABLES (sizeof(user_variables) / sizeof(user_variables[0]))

static bool is_user_variable(const char *string)
{
	for (size_t i = 0; i < N_USER_VARIABLES; i++) {
		const size_t length = strlen(user_variables[i]);

		if (strncmp(string, user_variables[i], length) == 0 && string[length] == '=')
			return true;
	}
	return false;
}

/* The strings allocated here come first, so that they can be freed; the others are borrowed. */
char **environment_of_user(char *const *environment, const struct user *user)
{
	const char *const values[N_USER_VARIABLES] = {user->home, user->name, user->name,
	                                              user->shell};
	char **copy;
	size_t n = 0;

	while (environment[n])
		n++;
	copy = calloc(n + N_USER_VARIABLES + 1, sizeof(*copy));
	if (!copy)
		return NULL;
	for (n = 0; n < N_USER_VARIABLES; n++) {
		if (asprintf(&copy[n], "%s=%s", user_variables[n], values[n]) < 0) {
			copy[n] = NULL;
			environment_free_of_user(copy);
			return NULL;
		}
	}
	for (; *environment; environment++) {
		if (!is_user_variable(*environment))
			copy[n++] = *environment;
	}
	return copy;
}

void environment_free_of_user(char **environment)
{
	for (size_t i = 0; environment && i < N_USER_VARIABLES; i++)
		free(environment[i]);
	free(environment);
}
