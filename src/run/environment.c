/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "run/environment.h"

#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

static const char *after(const char *string)
{
	return string + strlen(string) + 1;
}

/*
 * execve() lays the strings one after the other: the arguments, the environment, the path of the
 * program (fs/exec.c, copy_strings()). The linker moves pointers in envp only, so what it took out
 * still lies there.
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
