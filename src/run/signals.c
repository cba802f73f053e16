/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "run/signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"

/* timeout(1) sends SIGTERM to the agent and then to its group: closer together they are one. */
#define ONE_WISH_NS (500 * NSEC_PER_MSEC)

/* Left to the kernel: faults of the agent's own, job control, and what cannot be caught. */
static const int not_taken[] = {
	SIGKILL, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGSEGV,
	SIGBUS,  SIGFPE,  SIGILL,  SIGTRAP, SIGSYS,  SIGABRT,
};

int signals_open(struct signals *signals)
{
	sigset_t taken, blocked;
	size_t i;

	sigfillset(&taken);
	for (i = 0; i < sizeof(not_taken) / sizeof(not_taken[0]); i++)
		sigdelset(&taken, not_taken[i]);
	blocked = taken;
	sigdelset(&taken, SIGPIPE);
	sigdelset(&taken, SIGXFSZ);
	if (sigprocmask(SIG_BLOCK, &blocked, NULL))
		return -errno;
	signals->fd = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
	return signals->fd < 0 ? -errno : 0;
}

void signals_close(struct signals *signals)
{
	if (signals->fd >= 0)
		close(signals->fd);
	signals->fd = -1;
}

static bool is_wish(uint32_t signal)
{
	return signal == SIGINT || signal == SIGQUIT || signal == SIGTERM || signal == SIGHUP;
}

static bool next(const struct signals *signals, struct signalfd_siginfo *info)
{
	return read(signals->fd, info, sizeof(*info)) == sizeof(*info);
}

int signals_before_command(struct signals *signals)
{
	struct signalfd_siginfo info;

	while (next(signals, &info)) {
		if (is_wish(info.ssi_signo))
			return (int)info.ssi_signo;
	}
	return 0;
}

/*
 * With the value, the code and the sender that it came with, where a process queued it. The kernel
 * lets nobody pass on what kill(2) and it alone write into a siginfo (codes from 0 on, and
 * SI_TKILL: kernel/signal.c, do_pidfd_send_signal()): then the agent is the sender. The command may
 * have ended just now, and there is nobody to tell.
 */
static void send(int pidfd, const struct signalfd_siginfo *from)
{
	siginfo_t info = {
		.si_signo = (int)from->ssi_signo,
		.si_errno = from->ssi_errno,
		.si_code = from->ssi_code,
	};
	const bool is_queued = from->ssi_code < 0 && from->ssi_code != SI_TKILL;

	info.si_pid = (pid_t)from->ssi_pid;
	info.si_uid = from->ssi_uid;
	info.si_ptr = (void *)(uintptr_t)from->ssi_ptr;
	syscall(SYS_pidfd_send_signal, pidfd, (int)from->ssi_signo, is_queued ? &info : NULL, 0);
}

void signals_at_start(struct signals *signals, int pidfd)
{
	struct signalfd_siginfo info;

	while (next(signals, &info)) {
		if (info.ssi_signo != SIGCHLD)
			send(pidfd, &info);
		signals->n_wishes += info.ssi_signo == SIGTERM;
		signals->interrupted |= is_wish(info.ssi_signo);
	}
	signals->last_wish_ns = clock_monotonic_ns();
}

/*
 * What the terminal sends goes to the command too, but for a hang-up: that is sent to the leader of
 * the session alone, which the agent may be. An alarm that was set before the agent was started
 * is the agent's alone; the limit of CPU time that it has reached itself is of no use to the command.
 */
static bool is_for_command(const struct signalfd_siginfo *info)
{
	if (info->ssi_signo == SIGCHLD)
		return false;
	return info->ssi_code != SI_KERNEL || info->ssi_signo == SIGHUP ||
	       info->ssi_signo == SIGALRM || info->ssi_signo == SIGVTALRM ||
	       info->ssi_signo == SIGPROF;
}

/* The command's status is for who waits for it: with the command first in line, the rest waits. */
static void reap_others(int pid)
{
	siginfo_t info = {.si_pid = 0};

	while (!waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) && info.si_pid &&
	       info.si_pid != pid) {
		waitpid(info.si_pid, NULL, 0);
		info.si_pid = 0;
	}
}

void signals_take(struct signals *signals, int pidfd, int pid)
{
	struct signalfd_siginfo info;
	uint64_t now_ns;

	if (!next(signals, &info))
		return;
	if (info.ssi_signo == SIGCHLD)
		reap_others(pid);
	signals->interrupted |= is_wish(info.ssi_signo);
	if (is_wish(info.ssi_signo) && (pidfd < 0 || info.ssi_signo == SIGTERM)) {
		now_ns = clock_monotonic_ns();
		if (signals->n_wishes && now_ns - signals->last_wish_ns < ONE_WISH_NS)
			return;
		signals->n_wishes++;
		signals->last_wish_ns = now_ns;
	}
	if (pidfd >= 0 && is_for_command(&info))
		send(pidfd, &info);
}
