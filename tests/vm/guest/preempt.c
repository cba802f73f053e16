/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Runs a command on CPU 0 and takes that CPU from it every so many microseconds, until it ends.
 *
 * usage: preempt US COMMAND [ARGUMENT…]
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	const struct sched_param first = {.sched_priority = 50};
	struct timespec pause = {0};
	cpu_set_t cpu;
	int status;
	pid_t pid;

	if (argc < 3) {
		fprintf(stderr, "usage: preempt US COMMAND [ARGUMENT...]\n");
		return 2;
	}
	pause.tv_nsec = atol(argv[1]) * 1000;
	CPU_ZERO(&cpu);
	CPU_SET(0, &cpu);
	if (sched_setaffinity(0, sizeof(cpu), &cpu) != 0) {
		perror("sched_setaffinity");
		return 2;
	}
	pid = fork();
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (sched_setscheduler(0, SCHED_FIFO, &first) != 0) {
		perror("sched_setscheduler");
		return 2;
	}
	while (waitpid(pid, &status, WNOHANG) == 0)
		nanosleep(&pause, NULL);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
