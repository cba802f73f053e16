/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A table of processes for each test, and short words for telling it what the kernel recorded. */
#ifndef TESTS_UNIT_PROCESSES_SUPPORT_H
#define TESTS_UNIT_PROCESSES_SUPPORT_H

#include "perf_support.h"

static const struct process_id ID = {.pid = 100, .start_ns = 1000};
static const struct process_id CHILD = {.pid = 101, .start_ns = 2000};

static inline int make(void **state)
{
	struct witness *witness = malloc(sizeof(*witness));

	witness_init(witness, 2);
	*state = witness;
	return 0;
}

static inline int unmake(void **state)
{
	witness_fini(*state);
	free(*state);
	return 0;
}

static inline void tell_ended(struct witness *witness, struct task_record record, uint64_t time_ns)
{
	record = ended_at(record, time_ns);
	assert_int_equal(processes_task_ended(witness->table, &record), 0);
}

static inline void tell_child_ended(struct witness *witness, struct process_id id,
                                    struct process_id parent)
{
	struct task_record child = leader_of(id);

	child.parent = parent;
	tell_ended(witness, child, id.start_ns + 1000000);
}

static inline void tell_alive(struct witness *witness, const struct task_record *record)
{
	assert_int_equal(processes_task_alive(witness->table, record), 0);
}

static inline void tell_exec(struct witness *witness, struct process_id id, uint64_t time_ns,
                             const char *path)
{
	struct exec_record record = exec_of(id, time_ns, path, "a\0b", 4, 4);

	assert_int_equal(processes_executed(witness->table, &record), 0);
}

static inline const struct told *last(const struct witness *witness)
{
	assert_true(witness->n > 0);
	return &witness->told[witness->n - 1];
}

/* --- what a look at the living finds ---------------------------------------------------------- */

struct seen {
	size_t n;
	uint64_t cpu_ns;
	uint64_t count;
	uint32_t threads_n;
	char comm[COMM_SIZE];
	int result;
};

static inline int see(void *data, struct process *process)
{
	struct seen *seen = data;

	seen->n++;
	seen->cpu_ns = process->sum->kernel.cpu_ns;
	seen->count = process->sum->counters[0].count;
	seen->threads_n = process->threads_n;
	memcpy(seen->comm, process->comm, COMM_SIZE);
	return seen->result;
}

static inline struct seen look(struct witness *witness, bool all)
{
	struct seen seen = {0};

	assert_int_equal(processes_for_each(witness->table, all, see, &seen), 0);
	return seen;
}

#endif
