/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * signal_info SIGNAL N: says "ready", waits for the signal N times, and says for each its number,
 * its code, the value that it was queued with, and the pid of its sender.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(int argc, char **argv)
{
	const struct timespec limit = {.tv_sec = 20};
	sigset_t set;

	if (argc != 3)
		return 2;
	sigemptyset(&set);
	sigaddset(&set, atoi(argv[1]));
	sigprocmask(SIG_BLOCK, &set, NULL);
	puts("ready");
	fflush(stdout);
	for (int n = atoi(argv[2]); n > 0; n--) {
		siginfo_t info;

		if (sigtimedwait(&set, &info, &limit) < 0)
			return 1;
		printf("%d %d %d %d\n", info.si_signo, info.si_code, info.si_value.sival_int,
		       (int)info.si_pid);
	}
	return 0;
}
