/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "run/command.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/log.h"
#include "run/environment.h"

/*
 * The stack that execvpe() needs: a path and its own frames; for a script without "#!", also a copy
 * of the argument pointers.
 */
#define STACK_SIZE (PATH_MAX + 64UL * 1024)

/* The system call: sigaction() refuses these signals. One of the arrays may be NULL. */
static void exchange_library_signals(const struct raw_disposition *set, struct raw_disposition *old)
{
	const size_t mask_size = _NSIG / 8;

	for (int i = 0; i < N_LIBRARY_SIGNALS; i++)
		syscall(SYS_rt_sigaction, FIRST_LIBRARY_SIGNAL + i, set ? &set[i] : NULL,
		        old ? &old[i] : NULL, mask_size);
}

static void raise_to_hard_limit(int resource, const struct rlimit *given)
{
	const struct rlimit raised = {given->rlim_max, given->rlim_max};

	setrlimit(resource, &raised);
}

void inherited_save(struct inherited *inherited, char **argv)
{
	const struct sigaction wait_for_it = {.sa_handler = SIG_DFL};

	inherited->given_environment = environ;
	inherited->environment = environment_original(argv);
	inherited->user = NULL;
	inherited->user_environment = NULL;
	sigaction(SIGCHLD, &wait_for_it, &inherited->on_child_end);
	exchange_library_signals(NULL, inherited->on_library_signal);
	sigprocmask(SIG_SETMASK, NULL, &inherited->signal_mask);
	getrlimit(RLIMIT_MEMLOCK, &inherited->locked_memory);
	getrlimit(RLIMIT_NOFILE, &inherited->open_files);
	raise_to_hard_limit(RLIMIT_NOFILE, &inherited->open_files);
}

int inherited_set_user(struct inherited *inherited, const struct user *user)
{
	inherited->user_environment = environment_of_user(inherited->environment, user);
	if (!inherited->user_environment)
		return log_oom();
	inherited->user = user;
	return 0;
}

void inherited_free(struct inherited *inherited)
{
	environment_free_of_user(inherited->user_environment);
	if (inherited->environment != inherited->given_environment)
		free(inherited->environment);
}

struct child {
	char *const *argv;
	const struct inherited *inherited;
	int err;      /* of execve(); memory is shared until then */
	pid_t shares; /* nonzero until then; the kernel clears it and wakes the futex waiter */
};

static int run_child(void *data)
{
	struct child *child = data;

	setrlimit(RLIMIT_MEMLOCK, &child->inherited->locked_memory);
	setrlimit(RLIMIT_NOFILE, &child->inherited->open_files);
	sigaction(SIGCHLD, &child->inherited->on_child_end, NULL);
	exchange_library_signals(child->inherited->on_library_signal, NULL);
	sigprocmask(SIG_SETMASK, &child->inherited->signal_mask, NULL);
	if (child->inherited->user)
		child->err = user_become(child->inherited->user);
	if (!child->err) {
		execvpe(child->argv[0], child->argv,
		        child->inherited->user ? child->inherited->user_environment
		                               : child->inherited->environment);
		child->err = -errno;
	}
	_exit(127);
}

/*
 * Wait until the child no longer shares the agent's memory: it has called execve() or exited.
 * Unlike with vfork(), the terminal can stop and continue the agent together with the child. errno
 * is shared meanwhile, so the agent writes it only afterwards.
 */
static void wait_until_apart(const struct child *child)
{
	pid_t shares;

	while ((shares = __atomic_load_n(&child->shares, __ATOMIC_ACQUIRE)) != 0)
		syscall(SYS_futex, &child->shares, FUTEX_WAIT, shares, NULL, NULL, 0);
}

static size_t stack_size(char *const *argv)
{
	size_t n = 0, page = (size_t)sysconf(_SC_PAGESIZE);

	while (argv[n])
		n++;
	return (STACK_SIZE + (n + 2) * sizeof(*argv) + page - 1) / page * page;
}

/*
 * The child shares the agent's memory until its execve(), as with vfork(): no page tables to copy
 * and no pipe to pass an error through. The agent waits meanwhile.
 */
int command_start(char *const *argv, const struct inherited *inherited, pid_t *pid, int *pidfd)
{
	struct child child = {.argv = argv, .inherited = inherited, .shares = 1};
	size_t size = stack_size(argv);
	char *stack = mmap(NULL, size, PROT_READ | PROT_WRITE,
	                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
	int err = 0;

	*pid = -1;
	if (stack == MAP_FAILED)
		return -errno;
	*pid = clone(run_child, stack + size,
	             CLONE_VM | CLONE_CHILD_CLEARTID | CLONE_PIDFD | SIGCHLD, &child, pidfd, NULL,
	             &child.shares);
	if (*pid < 0)
		err = -errno;
	else
		wait_until_apart(&child);
	munmap(stack, size);
	if (!err && child.err) {
		waitpid(*pid, NULL, 0);
		close(*pidfd);
		err = child.err;
	}
	return err;
}
