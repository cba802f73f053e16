/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A question to the program of bpf/names/, and its answer; the agent has it mapped. */
#ifndef BPF_KERNEL_NAME_H
#define BPF_KERNEL_NAME_H

/*
 * KSYM_NAME_LEN of the kernel's include/linux/kallsyms.h and a module's name behind it; 512 since
 * Linux 6.1.
 */
#define KERNEL_NAME_SIZE 640

struct kernel_name {
	__u64 address;
	char name[KERNEL_NAME_SIZE]; /* "vfs_read", "nfs_read [nfs]"; "0x…" where there is none */
};

#endif
