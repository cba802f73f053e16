/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "agent/signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

int signals_open(void)
{
	static const int forwarded[] = {SIGINT,  SIGQUIT, SIGTERM, SIGHUP,
	                                SIGUSR1, SIGUSR2, SIGWINCH};
	sigset_t read, blocked;
	size_t i;
	int fd;

	sigemptyset(&read);
	for (i = 0; i < sizeof(forwarded) / sizeof(forwarded[0]); i++)
		sigaddset(&read, forwarded[i]);
	blocked = read;
	sigaddset(&blocked, SIGPIPE);
	sigaddset(&blocked, SIGXFSZ);
	if (sigprocmask(SIG_BLOCK, &blocked, NULL))
		return -errno;
	fd = signalfd(-1, &read, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

int signals_forward(int fd, int pidfd, unsigned int *terminated)
{
	struct signalfd_siginfo info;
	ssize_t n = read(fd, &info, sizeof(info));

	if (n != sizeof(info))
		return n < 0 ? -errno : -EAGAIN;
	if (info.ssi_signo == SIGTERM)
		(*terminated)++;
	/* A hang-up goes to the leader of the terminal's session alone, which the agent may be. */
	if (info.ssi_code == SI_KERNEL && info.ssi_signo != SIGHUP)
		return 0;
	/* The command may have ended just now: then there is nobody to tell. */
	syscall(SYS_pidfd_send_signal, pidfd, (int)info.ssi_signo, NULL, 0);
	return 0;
}
