/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "run/signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"

/* timeout(1) sends SIGTERM to the agent and then to its group: two this close count as one. */
#define ONE_REQUEST_NS (500 * NSEC_PER_MSEC)

/* Not taken: the agent's own faults, job control, and what cannot be caught. */
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

static bool is_end_request(uint32_t signal)
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
		if (is_end_request(info.ssi_signo))
			return (int)info.ssi_signo;
	}
	return 0;
}

/*
 * Forward the signal; if a process queued it, with its value, code and sender. The kernel does not
 * let a process forward the codes reserved for kill(2) and the kernel (codes >= 0, and SI_TKILL;
 * kernel/signal.c, do_pidfd_send_signal()): then the agent is the sender. An error is ignored: the
 * command may just have ended.
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
		signals->n_end_requests += info.ssi_signo == SIGTERM;
		signals->interrupted |= is_end_request(info.ssi_signo);
	}
	signals->last_end_request_ns = clock_monotonic_ns();
}

/*
 * The terminal sends its signals to the command as well, except SIGHUP, which only the session
 * leader gets; that may be the agent. An alarm set before the agent was started reaches only the
 * agent. A CPU time limit that the agent itself has reached does not concern the command.
 */
static bool is_for_command(const struct signalfd_siginfo *info)
{
	if (info->ssi_signo == SIGCHLD)
		return false;
	return info->ssi_code != SI_KERNEL || info->ssi_signo == SIGHUP ||
	       info->ssi_signo == SIGALRM || info->ssi_signo == SIGVTALRM ||
	       info->ssi_signo == SIGPROF;
}

/* Leaves the command's status to reap(). While the command is the first zombie, the others wait. */
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
	signals->interrupted |= is_end_request(info.ssi_signo);
	if (is_end_request(info.ssi_signo) && (pidfd < 0 || info.ssi_signo == SIGTERM)) {
		now_ns = clock_monotonic_ns();
		if (signals->n_end_requests &&
		    now_ns - signals->last_end_request_ns < ONE_REQUEST_NS)
			return;
		signals->n_end_requests++;
		signals->last_end_request_ns = now_ns;
	}
	if (pidfd >= 0 && is_for_command(&info))
		send(pidfd, &info);
}
