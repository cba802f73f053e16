/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Shared by kernel.c, kernel_accounts.c and kernel_open.c. */
#ifndef SOURCES_PERF_BPF_KERNEL_INTERNAL_H
#define SOURCES_PERF_BPF_KERNEL_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bpf/libbpf.h>

#include "bpf/change.h"
#include "bpf/record.h"

struct processes;
struct programs;

struct kernel {
	struct programs *programs;
	struct processes *processes;
	struct ring_buffer *ring;
	struct cpu_state *cpus; /* mapped; indexed by CPU number */
	size_t cpus_size;
	uint32_t cpus_n;
	struct change *changes; /* mapped; changes_n for each CPU. NULL: there are no weights */
	size_t changes_size;
	uint32_t changes_n;
	uint32_t *changes_taken; /* by CPU: number of changes taken */
	bool notes_are_complete; /* nothing is noted before the first round */
	uint32_t counters_n, weights_n, groups_n;
	bool with_fields;    /* of the current snapshot */
	bool marks_present;  /* likewise: processes_in_snapshot() needs to know */
	uint32_t ending_n;   /* result of kernel_ending() */
	uint64_t records_n;  /* taken out of the ring */
	uint64_t kept_taken; /* number of collected accounts that had found the ring full */
	uint32_t batch_n;    /* capacity of keys and accounts */
	uint64_t *keys;
	struct task_record *accounts;
};

/*
 * Run on_demand on this CPU, or on another one with cpu >= 0. Returns its result, or a negative
 * errno.
 */
int kernel_run_on_demand(struct kernel *kernel, enum demand demand, uint64_t subject, int cpu);

/*
 * Subtract what the root had before its first exec from its counts and fields; other tasks are
 * unchanged. Call this once for each record or account, before it goes to processes.
 */
void kernel_subtract_root_base(const struct kernel *kernel, struct task_record *record);

/* Allocate keys and accounts, or make room for more. Returns 0 or -ENOMEM. */
int kernel_grow_batch(struct kernel *kernel);

#endif
