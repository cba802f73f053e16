/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Executes /bin/true N times, JOBS at a time, each with one argument of SIZE bytes: the process's
 * number, and letters.
 *
 * usage: exec_storm N JOBS SIZE
 */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

int main(int argc, char **argv)
{
	long n, jobs, size, i, running = 0;
	char *argument, *environment[] = {NULL};

	if (argc != 4) {
		fprintf(stderr, "usage: exec_storm N JOBS SIZE\n");
		return 2;
	}
	n = atol(argv[1]);
	jobs = atol(argv[2]);
	size = atol(argv[3]);
	argument = malloc((size_t)size + 1);
	if (!argument || size < 9)
		return 1;
	for (i = 0; i < size; i++)
		argument[i] = (char)('a' + i % 26);
	argument[size] = '\0';
	for (i = 0; i < n; i++) {
		char *arguments[] = {(char *)"true", argument, NULL};
		char number[9];
		pid_t pid;

		snprintf(number, sizeof(number), "%08ld", i % 100000000);
		memcpy(argument, number, 8);
		if (running == jobs && wait(NULL) > 0)
			running--;
		if (posix_spawn(&pid, "/bin/true", NULL, NULL, arguments, environment)) {
			perror("posix_spawn");
			return 1;
		}
		running++;
	}
	while (wait(NULL) > 0)
		;
	return 0;
}
