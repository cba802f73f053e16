/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the benchmarks run beside real programs:
 *
 *   workload spawn N        N times /bin/true by posix_spawn(), one after the other
 *   workload fork N         N children that end at once, one after the other
 *   workload alive N        N children that are all alive at the same time
 *   workload compute MS     one thread that computes for that much CPU time
 *   workload threads N MS   N threads that compute, each for that much CPU time
 *   workload processes N MS the same with processes
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int fail(const char *what, int err)
{
	fprintf(stderr, "workload: %s: %s\n", what, strerror(err));
	return 1;
}

static int spawn(long n)
{
	static char *const argv[] = {(char *)"true", NULL};
	pid_t pid;
	int err;

	while (n-- > 0) {
		err = posix_spawn(&pid, "/bin/true", NULL, NULL, argv, environ);
		if (err)
			return fail("/bin/true", err);
		waitpid(pid, NULL, 0);
	}
	return 0;
}

static int fork_many(long n)
{
	while (n-- > 0) {
		pid_t pid = fork();

		if (pid < 0)
			return fail("fork", errno);
		if (!pid)
			_exit(0);
		waitpid(pid, NULL, 0);
	}
	return 0;
}

/* The children wait for the end of a pipe that none of them writes into. */
static int alive(long n)
{
	int fds[2];
	char byte;

	if (pipe(fds))
		return fail("pipe", errno);
	while (n-- > 0) {
		pid_t pid = fork();

		if (pid < 0)
			return fail("fork", errno);
		if (!pid) {
			close(fds[1]);
			_exit(read(fds[0], &byte, 1) != 0);
		}
	}
	close(fds[1]);
	while (waitpid(-1, NULL, 0) > 0)
		;
	return 0;
}

/* Work that is the same each time: as much as the loop does in that time where nothing disturbs. */
static void *compute(void *ms)
{
	volatile unsigned long x = 1;
	long i;

	for (i = 0; i < *(const long *)ms * 400000; i++)
		x = x * 6364136223846793005UL + 1442695040888963407UL;
	return NULL;
}

static int processes(long n, long ms)
{
	while (n-- > 0) {
		pid_t pid = fork();

		if (pid < 0)
			return fail("fork", errno);
		if (!pid) {
			compute(&ms);
			_exit(0);
		}
	}
	while (waitpid(-1, NULL, 0) > 0)
		;
	return 0;
}

static int threads(long n, long ms)
{
	pthread_t *all = calloc((size_t)n, sizeof(*all));
	long i;
	int err = all ? 0 : ENOMEM;

	for (i = 0; i < n && !err; i++)
		err = pthread_create(&all[i], NULL, compute, &ms);
	while (i-- > 0) {
		if (!err)
			pthread_join(all[i], NULL);
	}
	free(all);
	return err ? fail("pthread_create", err) : 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";
	long n = argc > 2 ? atol(argv[2]) : 0;

	if (!strcmp(what, "spawn"))
		return spawn(n);
	if (!strcmp(what, "fork"))
		return fork_many(n);
	if (!strcmp(what, "alive"))
		return alive(n);
	if (!strcmp(what, "compute")) {
		compute(&n);
		return 0;
	}
	if (!strcmp(what, "threads") && argc > 3)
		return threads(n, atol(argv[3]));
	if (!strcmp(what, "processes") && argc > 3)
		return processes(n, atol(argv[3]));
	fprintf(stderr, "usage: workload spawn|fork|alive N | compute MS | "
	                "threads|processes N MS\n");
	return 2;
}
