/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How a field of the kernel's is read. The programs are compiled twice: for libbpf, which loads
 * them on any kernel, and for the light skeleton, which is for Linux 6.1 and newer (SINCE_6_1 is 1
 * then).
 */
#ifndef BPF_READ_H
#define BPF_READ_H

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>

/*
 * A field of a task, which is what current_task() returns if is_current: then it is a load, through
 * a pointer whose type the verifier knows; else a helper's call, seven instructions to be verified.
 * is_current is a constant where this is inlined.
 *
 * Not for a field that is a pointer: for the load of one the kernel searches its 100 000 types for
 * what it may assume of it, a millisecond each time (btf_nested_type_is_trusted() in
 * kernel/bpf/btf.c).
 */
#define READ_TASK(task, is_current, field)                                                         \
	(SINCE_6_1 && (is_current) ? (task)->field : BPF_CORE_READ(task, field))

#endif
