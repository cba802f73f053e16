/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copies accounts out of the maps while the programs go on writing them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "linux/privilege.h"
#include "sources/perf/bpf/kernel.h"
#include "sources/perf/bpf/kernel_internal.h"
#include "sources/perf/processes.h"

/* Accounts to copy with one system call. */
#define BATCH 64

/* Accounts are scattered over memory: prefetch this many changes ahead. */
#define PREFETCH 4

/* A task that switches all the time may change its account during each copy: try this often. */
#define SNAPSHOT_TRIES 100

void kernel_subtract_root_base(const struct kernel *kernel, struct task_record *record)
{
	const struct run_state *run = kernel->programs->run;

	if (!(record->flags & TASK_ROOT))
		return;
	/* The base is of another clock, which does not stop for a hypervisor. */
	record->cpu_ns -=
		record->cpu_ns < run->root_base.cpu_ns ? record->cpu_ns : run->root_base.cpu_ns;
	record->context_switches -= run->root_base.context_switches;
	record->migrations -= run->root_base.migrations;
	/* Until its exec, it shared the agent's memory, of which the kernel keeps the peak, too. */
	if (record->fields[TASK_PEAK_RSS] <= run->root_fields[TASK_PEAK_RSS])
		record->flags |= TASK_PEAK_SHARED;
	for (size_t i = 0; i < TASK_COUNTED_N; i++) {
		if (record->fields[i] != TASK_FIELD_NONE && run->root_fields[i] != TASK_FIELD_NONE)
			record->fields[i] -= run->root_fields[i];
	}
}

int kernel_grow_batch(struct kernel *kernel)
{
	uint32_t n = kernel->batch_n ? 2 * kernel->batch_n : BATCH;
	uint64_t *keys = realloc(kernel->keys, n * sizeof(*keys));
	struct task_record *accounts;

	if (!keys)
		return -ENOMEM;
	kernel->keys = keys;
	accounts = realloc(kernel->accounts, n * sizeof(*accounts));
	if (!accounts)
		return -ENOMEM;
	kernel->accounts = accounts;
	kernel->batch_n = n;
	return 0;
}

/*
 * Copy the next entries of the map. Returns 0, -ENOENT if these are the last, -ENOSPC if a bucket
 * has more entries than there is room for (retry with more), or another negative errno.
 */
static int next_batch(struct kernel *kernel, int map_fd, uint64_t *position, bool first,
                      uint32_t *n)
{
	int err;

	for (;;) {
		*n = kernel->batch_n;
		err = bpf_map_lookup_batch(map_fd, first ? NULL : position, position, kernel->keys,
		                           kernel->accounts, n, NULL);
		if (err != -ENOSPC)
			return err;
		err = kernel_grow_batch(kernel);
		if (err)
			return err;
	}
}

/* Call visit for each entry of the map. Stops at the first result that is not 0, and returns it. */
static int for_each_entry(struct kernel *kernel, int map_fd,
                          int (*visit)(struct kernel *kernel, int map_fd, uint64_t key,
                                       struct task_record *account))
{
	uint64_t position = 0;
	bool first = true;
	uint32_t n, i;

	for (;;) {
		int end = next_batch(kernel, map_fd, &position, first, &n);

		if (end && end != -ENOENT)
			return end;
		for (i = 0; i < n; i++) {
			int err = visit(kernel, map_fd, kernel->keys[i], &kernel->accounts[i]);

			if (err)
				return err;
		}
		if (end)
			return 0;
		first = false;
	}
}

/*
 * Whether this is the key of an ended account that waits to be collected. Keys of living tasks are
 * addresses.
 */
static bool is_number(uint64_t key)
{
	return key & 1;
}

/*
 * An account that found the ring full. The exec records of its process are in the ring before it,
 * so the ring is drained between taking the account and passing it on.
 */
static int take_kept(struct kernel *kernel, int map_fd, uint64_t key, struct task_record *account)
{
	int err;

	if (!is_number(key))
		return 0;
	err = bpf_map_delete_elem(map_fd, &key);
	if (err)
		return err;
	kernel->kept_taken++;
	kernel_subtract_root_base(kernel, account);
	err = ring_buffer__consume(kernel->ring);
	return err < 0 ? err : processes_task_ended(kernel->processes, account);
}

static int collect_kept(struct kernel *kernel)
{
	int reserve_fd = kernel->programs->reserve_fd;
	int err = 0;

	privilege_raise();
	if (reserve_fd >= 0)
		err = for_each_entry(kernel, reserve_fd, take_kept);
	if (!err)
		err = for_each_entry(kernel, kernel->programs->tasks_fd, take_kept);
	privilege_lower();
	return err;
}

/*
 * An account that finds the ring full is counted before it is put into a map, or lost. Until as
 * many have been collected as were counted, a map may have one.
 */
int kernel_drain(struct kernel *kernel)
{
	struct losses losses;
	int err = ring_buffer__consume(kernel->ring);

	if (err < 0)
		return err;
	kernel->records_n += (uint64_t)err;
	losses = kernel_losses(kernel);
	return kernel->kept_taken + losses.records < losses.ring_full ? collect_kept(kernel) : 0;
}

/*
 * Whether the copy of an account is consistent, and still of the same task: the entry of a task
 * that has ended is reused at once, even during a copy. The writer makes seq odd before a change,
 * and even after it. On a CPU that reorders writes (arm64), seq alone is not enough. Therefore, two
 * copies must be equal: no write is in flight for as long as a system call takes.
 */
static bool is_whole(const struct task_record *copy, const struct task_record *again)
{
	return copy->tid && !(copy->seq & 1) && memcmp(copy, again, sizeof(*copy)) == 0;
}

/* Returns 1 if the fields were read, 0 if the task has ended, or a negative errno. */
static int read_fields(struct kernel *kernel, uint64_t key, struct task_record *account)
{
	const struct task_reading *reading = &kernel->programs->run->reading;
	int result = kernel_run_on_demand(kernel, DEMAND_FIELDS, key, -1);

	if (result == 1) {
		memcpy(account->fields, reading->fields, sizeof(account->fields));
		memcpy(account->comm, reading->comm, sizeof(account->comm));
		kernel->ending_n += reading->is_ending != 0;
	}
	return result;
}

static void clear_fields(struct task_record *account)
{
	size_t i;

	for (i = 0; i < TASK_FIELDS_N; i++)
		account->fields[i] = TASK_FIELD_NONE;
}

static int pass_whole(struct kernel *kernel, uint64_t key, struct task_record *account)
{
	int alive = 1;

	if (kernel->with_fields)
		alive = read_fields(kernel, key, account);
	else
		clear_fields(account);
	if (alive <= 0)
		return alive;
	kernel_subtract_root_base(kernel, account);
	return processes_task_alive(kernel->processes, account);
}

/*
 * Whether the table knows this seq, and it is even: then no write had begun when seq was copied.
 * Most tasks sleep, so this saves most of them a second copy, which is a system call.
 */
static bool is_known(const struct kernel *kernel, const struct task_record *account)
{
	return !kernel->with_fields && account->tid && !(account->seq & 1) &&
	       processes_knows(kernel->processes, account);
}

/*
 * Copy the account again until the copy is consistent. Returns 0, or -ENOENT if the task has ended
 * meanwhile (its last record is in the ring), or switches all the time.
 */
static int make_whole(int map_fd, uint64_t key, struct task_record *account)
{
	struct task_record again;
	int tries, err;

	for (tries = 0; tries < SNAPSHOT_TRIES; tries++) {
		err = bpf_map_lookup_elem(map_fd, &key, &again);
		if (err)
			return err;
		if (again.flags & TASK_ENDED)
			return -ENOENT; /* its last record may have been read already */
		if (is_whole(account, &again))
			return 0;
		*account = again;
	}
	return -ENOENT;
}

static int pass_alive(struct kernel *kernel, int map_fd, uint64_t key, struct task_record *account)
{
	if (kernel->marks_present && !is_number(key))
		processes_in_snapshot(kernel->processes, account->process);
	if (is_number(key) || account->flags & TASK_PENDING || account->left ||
	    is_known(kernel, account) || make_whole(map_fd, key, account))
		return 0;
	return pass_whole(kernel, key, account);
}

int kernel_read_account(struct kernel *kernel, uint64_t task, struct task_record *account)
{
	const int fd = kernel->programs->tasks_fd;
	int err;

	privilege_raise();
	err = bpf_map_lookup_elem(fd, &task, account);
	if (!err)
		err = make_whole(fd, task, account);
	privilege_lower();
	if (err)
		return err;
	err = read_fields(kernel, task, account);
	if (err == 1)
		kernel_subtract_root_base(kernel, account);
	return err == 1 ? 0 : err ? err : -ENOENT;
}

int kernel_snapshot(struct kernel *kernel, bool with_fields)
{
	int err;

	kernel->with_fields = with_fields;
	kernel->ending_n = 0;
	kernel->marks_present = kernel_losses(kernel).records > 0;
	if (kernel->marks_present)
		processes_begin_snapshot(kernel->processes);
	/* Most commands leave no process behind, and the map has many empty buckets. */
	if (!kernel_alive(kernel))
		return 0;
	privilege_raise();
	err = for_each_entry(kernel, kernel->programs->tasks_fd, pass_alive);
	privilege_lower();
	return err;
}

/* --- changes ---------------------------------------------------------------------------------- */

static uint32_t round_of(const struct kernel *kernel)
{
	return __atomic_load_n(&kernel->programs->run->round, __ATOMIC_SEQ_CST);
}

void kernel_begin_round(struct kernel *kernel)
{
	__atomic_fetch_add(&kernel->programs->run->round, 1, __ATOMIC_SEQ_CST);
}

/* Pass on the account of an unknown task, which is new, or has ended meanwhile. */
static int pass_unknown(struct kernel *kernel, uint64_t key)
{
	const int fd = kernel->programs->tasks_fd;
	struct task_record account;

	return bpf_map_lookup_elem(fd, &key, &account) ? 0 : pass_alive(kernel, fd, key, &account);
}

static int take_change(struct kernel *kernel, const struct change *change, uint32_t group)
{
	const struct weights_seen seen = {
		.weights = change->weights,
		.n = kernel->weights_n,
		.group = group,
		.groups_n = kernel->groups_n,
	};

	return processes_task_weighed(kernel->processes, change->token, &seen)
	               ? 0
	               : pass_unknown(kernel, change->task);
}

/*
 * Pass on the changes that a CPU has noted in earlier rounds. Those of the current round may still
 * change: they wait for the next call, as does one that a program is writing at this moment.
 * Returns 1, 0 if some changes were overwritten, or a negative errno.
 */
static int take_changes_of(struct kernel *kernel, uint32_t cpu, uint32_t round)
{
	const struct cpu_state *state = &kernel->cpus[cpu];
	const struct change *changes = &kernel->changes[cpu * kernel->changes_n];
	uint32_t at = kernel->changes_taken[cpu], begin = at;
	uint32_t end = __atomic_load_n(&state->changed_n, __ATOMIC_ACQUIRE);
	int err = 0;

	while (!err && end - begin <= kernel->changes_n && at != end) {
		const struct change change =
			*(const volatile struct change *)&changes[at % kernel->changes_n];

		if (change.round == round || change.check != change_check(&change))
			break;
		processes_prefetch(kernel->processes,
		                   changes[(at + PREFETCH) % kernel->changes_n].token);
		err = take_change(kernel, &change, state->group);
		at++;
	}
	/* The CPU may have overwritten some meanwhile. */
	end = __atomic_load_n(&state->changed_n, __ATOMIC_ACQUIRE);
	kernel->changes_taken[cpu] = end - begin > kernel->changes_n ? end : at;
	return err ? err : end - begin <= kernel->changes_n;
}

int kernel_take_changes(struct kernel *kernel)
{
	const uint32_t round = round_of(kernel);
	bool are_all = kernel->notes_are_complete;
	uint32_t cpu;
	int err = 0;

	kernel->with_fields = false;
	privilege_raise();
	for (cpu = 0; cpu < kernel->cpus_n && err >= 0; cpu++) {
		err = take_changes_of(kernel, cpu, round);
		are_all &= err > 0;
	}
	privilege_lower();
	kernel->notes_are_complete = true;
	if (err < 0 || are_all)
		return err < 0 ? err : 0;
	/* Changes of this round that are skipped here are noted again when they change. */
	kernel_begin_round(kernel);
	return kernel_snapshot(kernel, false);
}

uint32_t kernel_ending(const struct kernel *kernel)
{
	return kernel->ending_n;
}
