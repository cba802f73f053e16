/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/account.h"

#include <stdlib.h>
#include <string.h>

#include "sources/perf/fields.h"

size_t account_size(uint32_t counters_n)
{
	return sizeof(struct account) + counters_n * (sizeof(struct counter) + sizeof(uint64_t));
}

struct account *account_new(uint32_t counters_n)
{
	struct account *account = calloc(1, account_size(counters_n));

	if (!account)
		return NULL;
	account->counters_n = counters_n;
	fields_clear(account->fields);
	return account;
}

static struct kernel_counts kernel_counts(const struct task_record *record)
{
	return (struct kernel_counts){
		.cpu_ns = record->cpu_ns,
		.context_switches = record->context_switches,
		.migrations = record->migrations,
	};
}

void account_set(struct account *account, const struct task_record *record)
{
	account->kernel = kernel_counts(record);
	memcpy(account->fields, record->fields, sizeof(record->fields));
	account->slices = record->slices;
	memcpy(account->counters, record->counters, account->counters_n * sizeof(struct counter));
	if (record->slices)
		memcpy(account_estimated(account), record->estimated,
		       account->counters_n * sizeof(uint64_t));
}

/* estimated: read only if slices is not 0. */
static void add(struct account *sum, const struct kernel_counts *kernel, const __u64 *fields,
                uint64_t slices, const struct counter *counters, const __u64 *estimated)
{
	fields_fold(sum->fields, fields);
	sum->slices += slices;
	sum->kernel.cpu_ns += kernel->cpu_ns;
	sum->kernel.context_switches += kernel->context_switches;
	sum->kernel.migrations += kernel->migrations;
	for (uint32_t i = 0; i < sum->counters_n; i++) {
		sum->counters[i].count += counters[i].count;
		sum->counters[i].enabled_ns += counters[i].enabled_ns;
		sum->counters[i].running_ns += counters[i].running_ns;
		if (slices)
			account_estimated(sum)[i] += estimated[i];
	}
}

void account_add(struct account *sum, struct account *account)
{
	add(sum, &account->kernel, account->fields, account->slices, account->counters,
	    account_estimated(account));
}

void account_add_task(struct account *sum, const struct task_record *record)
{
	const struct kernel_counts kernel = kernel_counts(record);

	add(sum, &kernel, record->fields, record->slices, record->counters, record->estimated);
}
