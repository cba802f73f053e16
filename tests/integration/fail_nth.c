/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Executes a command of which the n-th system call of one kind fails, whichever thread makes it:
 *
 *   fail_nth SYSCALL N ERRNO DELAY_US LOG COMMAND [ARGUMENT…]
 *
 * SYSCALL is a name of the table below. The call fails after DELAY_US, in which other threads go
 * on; with ERRNO 0 it does not fail. LOG is a file that is created if there was an n-th call. The
 * exit status is the command's, or 128 + its signal. This process supervises the calls
 * (seccomp_unotify(2)) until the command has ended; those of its children do not count.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CANNOT_FILTER 77

#define ANY UINT32_MAX

struct kind {
	const char *name;
	long number;
	uint32_t argument; /* only with this first argument; a command of bpf(2) */
};

static const struct kind SYSCALLS[] = {
	{"bpf", SYS_bpf, ANY},
	{"bpf_test_run", SYS_bpf, BPF_PROG_TEST_RUN},
	{"clone", SYS_clone, ANY},
	{"clone3", SYS_clone3, ANY},
	{"connect", SYS_connect, ANY},
	{"epoll_create1", SYS_epoll_create1, ANY},
	{"epoll_ctl", SYS_epoll_ctl, ANY},
	{"fchmod", SYS_fchmod, ANY},
	{"fchown", SYS_fchown, ANY},
	{"fcntl", SYS_fcntl, ANY},
	{"flock", SYS_flock, ANY},
	{"ftruncate", SYS_ftruncate, ANY},
	{"linkat", SYS_linkat, ANY},
	{"madvise", SYS_madvise, ANY},
	{"mmap", SYS_mmap, ANY},
	{"openat", SYS_openat, ANY},
	{"perf_event_open", SYS_perf_event_open, ANY},
	{"read", SYS_read, ANY},
	{"renameat", SYS_renameat, ANY},
	{"renameat2", SYS_renameat2, ANY},
	{"sendto", SYS_sendto, ANY},
	{"socket", SYS_socket, ANY},
	{"timerfd_create", SYS_timerfd_create, ANY},
	{"timerfd_settime", SYS_timerfd_settime, ANY},
	{"write", SYS_write, ANY},
};

struct child {
	const struct kind *kind;
	char **argv;
	int listener; /* shared until its execve(), as are the descriptors; or a negative errno */
};

static int listen_to(const struct kind *kind)
{
	/* The argument is the lower half of args[0]: both architectures are little-endian. */
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)kind->number, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args)),
		BPF_JUMP(BPF_JMP | (kind->argument == ANY ? BPF_JGE : BPF_JEQ) | BPF_K,
	                 kind->argument == ANY ? 0 : kind->argument, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {sizeof(filter) / sizeof(*filter), filter};
	long fd;

	/* Without CAP_SYS_ADMIN a filter needs no_new_privs. */
	fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
	             &program);
	if (fd < 0 && !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
		             &program);
	return fd < 0 ? -errno : (int)fd;
}

static int run_child(void *data)
{
	struct child *child = data;
	const int fd = listen_to(child->kind);

	__atomic_store_n(&child->listener, fd, __ATOMIC_SEQ_CST);
	if (fd < 0)
		_exit(CANNOT_FILTER);
	execvp(child->argv[0], child->argv);
	perror(child->argv[0]);
	_exit(127);
}

static void note(const char *path)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		perror(path);
	else
		close(fd);
}

static int is_thread_of(int pid, unsigned int thread)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%u", pid, thread);
	return !access(path, F_OK);
}

/* Answer one call, the number of which is *calls. */
static void answer(int listener, int pid, int *calls, char *const *argv)
{
	const int n = atoi(argv[2]), error = atoi(argv[3]);
	struct seccomp_notif call;
	struct seccomp_notif_resp response;

	memset(&call, 0, sizeof(call));
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call))
		return; /* it was interrupted, or its thread has ended */
	response = (struct seccomp_notif_resp){.id = call.id,
	                                       .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
	if (is_thread_of(pid, call.pid) && ++*calls == n) {
		note(argv[5]);
		usleep((useconds_t)atoi(argv[4]));
		if (error)
			response = (struct seccomp_notif_resp){.id = call.id, .error = -error};
	}
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

int main(int argc, char **argv)
{
	static char stack[256 * 1024] __attribute__((aligned(16)));
	struct child child = {.argv = argv + 6};
	int pid, pidfd = -1, calls = 0, status = 0;

	for (size_t i = 0; argc > 6 && i < sizeof(SYSCALLS) / sizeof(*SYSCALLS); i++) {
		if (strcmp(argv[1], SYSCALLS[i].name) == 0)
			child.kind = &SYSCALLS[i];
	}
	if (!child.kind) {
		fprintf(stderr, "usage: fail_nth SYSCALL N ERRNO DELAY_US LOG COMMAND\n");
		return 2;
	}
	/* The listener's number is good here, too: see listen_to(). */
	pid = clone(run_child, stack + sizeof(stack),
	            CLONE_VM | CLONE_FILES | CLONE_PIDFD | SIGCHLD, &child, &pidfd);
	if (pid < 0) {
		perror("fail_nth: clone");
		return 2;
	}
	while (!__atomic_load_n(&child.listener, __ATOMIC_SEQ_CST))
		sched_yield();
	if (child.listener < 0) {
		fprintf(stderr, "fail_nth: seccomp: %s\n", strerror(-child.listener));
		return CANNOT_FILTER;
	}
	for (;;) {
		struct pollfd fds[] = {{.fd = pidfd, .events = POLLIN},
		                       {.fd = child.listener, .events = POLLIN}};

		if (poll(fds, 2, -1) < 0 || fds[0].revents)
			break;
		if (fds[1].revents & POLLIN)
			answer(child.listener, pid, &calls, argv);
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
