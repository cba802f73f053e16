/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Executes a command for which a system call fails, as under a container's seccomp filter:
 *
 *   forbid SYSCALL ERRNO COMMAND [ARGUMENT…]
 *
 * SYSCALL is a name of the table below, ERRNO a number. What the command starts is under it too.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
	const char *name;
	long number;
} SYSCALLS[] = {
	{"bpf", SYS_bpf},
	{"epoll_create1", SYS_epoll_create1},
	{"perf_event_open", SYS_perf_event_open},
	{"signalfd4", SYS_signalfd4},
	{"socket", SYS_socket},
	{"timerfd_create", SYS_timerfd_create},
};

static int install(long number, unsigned int error)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error & SECCOMP_RET_DATA)),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {sizeof(filter) / sizeof(*filter), filter};

	/* Without CAP_SYS_ADMIN a filter needs no_new_privs. */
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
		return 0;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 3 && i < sizeof(SYSCALLS) / sizeof(*SYSCALLS); i++) {
		if (strcmp(argv[1], SYSCALLS[i].name) != 0)
			continue;
		if (install(SYSCALLS[i].number, (unsigned int)atoi(argv[2]))) {
			perror("forbid: seccomp");
			return 77;
		}
		execvp(argv[3], argv + 3);
		perror(argv[3]);
		return 127;
	}
	fprintf(stderr, "usage: forbid SYSCALL ERRNO COMMAND [ARGUMENT…]; SYSCALL is one of:");
	for (size_t i = 0; i < sizeof(SYSCALLS) / sizeof(*SYSCALLS); i++)
		fprintf(stderr, " %s", SYSCALLS[i].name);
	fprintf(stderr, "\n");
	return 2;
}
