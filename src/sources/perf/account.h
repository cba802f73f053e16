/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The counts of one task, or the sum over several tasks: the numbers in the kernel's records. */
#ifndef SOURCES_PERF_ACCOUNT_H
#define SOURCES_PERF_ACCOUNT_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/record.h"

struct account {
	/* Number of counters: those of the events, followed by those of the weights. */
	uint32_t counters_n;
	struct kernel_counts kernel;
	__u64 fields[TASK_FIELDS_N]; /* by enum task_field, folded as fields.h says */
	uint64_t slices;             /* slices with estimated counts */
	/* Followed by counters_n numbers of 64 bits: account_estimated(). */
	struct counter counters[];
};

/* By how much each count may be wrong. Undefined if slices is 0. */
static inline __u64 *account_estimated(struct account *account)
{
	return (__u64 *)&account->counters[account->counters_n];
}

/* The size of an account with this many counters, in bytes. */
size_t account_size(uint32_t counters_n);

/* A zeroed account, to be freed with free(); NULL when memory ran out. */
struct account *account_new(uint32_t counters_n);

/* Copy the record's task into the account. Both have the same number of counters. */
void account_set(struct account *account, const struct task_record *record);

/* Add another account, or the record of a task. */
void account_add(struct account *sum, struct account *account);
void account_add_task(struct account *sum, const struct task_record *record);

#endif
