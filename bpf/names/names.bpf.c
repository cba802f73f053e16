// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Finds the name of a kernel function by its address. The kernel looks it up in microseconds, but
 * needs tens of milliseconds to write all of /proc/kallsyms. The agent runs this program for each
 * address. bpf_snprintf() exists since Linux 5.13.
 */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/kernel_name.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct kernel_name asked = {};

SEC("raw_tp")
int on_name(void *context)
{
	static const char format[] = "%ps";
	__u64 address = asked.address;

	return bpf_snprintf(asked.name, sizeof(asked.name), format, &address, sizeof(address)) < 0;
}
