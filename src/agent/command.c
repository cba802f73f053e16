/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "agent/command.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/environment.h"

/* execvpe() puts paths, and for a script without "#!" the arguments, on the stack. */
#define STACK_SIZE (8UL * 1024 * 1024)

void inherited_save(struct inherited *inherited, char **argv)
{
	const struct sigaction wait_for_it = {.sa_handler = SIG_DFL};

	inherited->given_environment = environ;
	inherited->environment = environment_original(argv);
	sigaction(SIGCHLD, &wait_for_it, &inherited->on_child_end);
	sigprocmask(SIG_SETMASK, NULL, &inherited->signal_mask);
	getrlimit(RLIMIT_MEMLOCK, &inherited->locked_memory);
}

void inherited_free(struct inherited *inherited)
{
	if (inherited->environment != inherited->given_environment)
		free(inherited->environment);
}

struct child {
	char *const *argv;
	const struct inherited *inherited;
	int err; /* of execve(); memory is shared until then */
};

static int run_child(void *data)
{
	struct child *child = data;

	setrlimit(RLIMIT_MEMLOCK, &child->inherited->locked_memory);
	sigaction(SIGCHLD, &child->inherited->on_child_end, NULL);
	sigprocmask(SIG_SETMASK, &child->inherited->signal_mask, NULL);
	execvpe(child->argv[0], child->argv, child->inherited->environment);
	child->err = -errno;
	_exit(127);
}

/*
 * The child borrows the agent's memory until its execve(), as with vfork(): there are no page tables
 * to copy, no pipe to tell an error through, and the agent stands still meanwhile.
 */
int command_start(char *const *argv, const struct inherited *inherited, pid_t *pid, int *pidfd)
{
	struct child child = {.argv = argv, .inherited = inherited};
	char *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
	                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
	int err = 0;

	if (stack == MAP_FAILED)
		return -errno;
	*pid = clone(run_child, stack + STACK_SIZE, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD,
	             &child, pidfd);
	if (*pid < 0)
		err = -errno;
	munmap(stack, STACK_SIZE);
	if (!err && child.err) {
		waitpid(*pid, NULL, 0);
		close(*pidfd);
		err = child.err;
	}
	return err;
}
