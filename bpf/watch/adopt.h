/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Adoption adds a running task to the watched set. Its account goes into the map of tasks, like
 * that of a new task. What the kernel has counted for it so far is excluded. Its perf events count
 * from its next switch-in, or from when the agent runs on_demand on its CPU.
 *
 * No task is missed, whatever the tasks do meanwhile. While run.adopting is set, sched_wakeup_new
 * adopts the creator of a new task, if it belongs to the set, before the new task can run. So no
 * child of a member is missed, and the iterator only has to find the tasks that existed before. A
 * task that ends meanwhile, so that its children get another parent, marks them: see orphans.bpf.c.
 */
#ifndef BPF_WATCH_ADOPT_H
#define BPF_WATCH_ADOPT_H

#include "bpf/accounts.h"
#include "bpf/fields.h"
#include "bpf/observe.h"
#include "bpf/running.h"
#include "members.h"

#include <bpf/bpf_core_read.h>

/*
 * Buffers for an account: one for each CPU, by number, for sched_wakeup_new; then one for the
 * iterator and one for moved tasks.
 */
struct adoptees_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct task_record);
};
extern struct adoptees_map adoptees SEC(".maps");

/*
 * How often to check whether the last switch of a dying task is over, which takes less than 1 µs.
 */
#define LAST_SWITCH_LOOKS 64

/*
 * A task that may be adopted. Fields are loaded through .typed where the verifier knows its type,
 * as in the iterator; .task is the same address, as the number that keys are made of: the verifier
 * forbids arithmetic with typed pointers.
 */
struct candidate {
	struct task_struct *task, *typed;
	bool is_typed; /* a constant where this is inlined */
};

/* The pointer by itself: a path through struct candidate would be looked for in the kernel. */
#define READ_CANDIDATE(of, field)                                                                  \
	({                                                                                         \
		struct task_struct *candidate_ = (of).typed;                                       \
		READ_TASK(candidate_, (of).is_typed, field);                                       \
	})

static __always_inline struct candidate candidate_of(struct task_struct *task)
{
	return (struct candidate){.task = task, .typed = task};
}

/* Exclude what the kernel has counted for the task so far. */
static __always_inline void exclude_past(struct task_record *account, struct candidate of)
{
	struct excluded_part *excluded = &account->excluded;
	__u32 i;

	excluded->kernel.cpu_ns = READ_CANDIDATE(of, se.sum_exec_runtime);
	excluded->kernel.context_switches = READ_CANDIDATE(of, nvcsw) + READ_CANDIDATE(of, nivcsw);
	excluded->kernel.migrations = READ_CANDIDATE(of, se.nr_migrations);
	read_fields(of.typed, of.is_typed, 0, excluded->fields);
	for (i = 0; i < TASK_COUNTED_N; i++) {
		if (excluded->fields[i] == TASK_FIELD_NONE)
			excluded->fields[i] = 0;
	}
	/* Except for the peak, which is that of the whole life. */
	excluded->fields[TASK_PEAK_RSS] = 0;
}

/*
 * Whether the parent of a process in the watched set belongs to it, too. A process that was not
 * named belongs because of an ancestor, and so does its parent.
 */
static __always_inline bool parent_belongs(struct task_struct *parent, bool is_named,
                                           enum watch_kind kind)
{
	__u64 key = (__u64)parent;

	if (is_by_cgroup(kind))
		return target_of_cgroup(parent) != NO_TARGET;
	return config.watch_all || !is_named || bpf_map_lookup_elem(&tasks, &key);
}

/* Set the parent of the task's process: the current one, or the one that it has lost meanwhile. */
static __always_inline void set_parent(struct task_record *account, struct task_struct *leader,
                                       enum watch_kind kind)
{
	struct task_struct *parent = BPF_CORE_READ(leader, real_parent, group_leader);
	struct orphan *orphan;

	account->parent.pid = number_in_namespace(parent, is_nested(kind));
	if (!is_by_cgroup(kind)) {
		orphan = find_orphan(leader);
		if (orphan) {
			account->parent = orphan->parent;
			return;
		}
	}
	if (account->parent.pid && parent_belongs(parent, account->flags & TASK_NAMED, kind))
		account->parent.start_ns = BPF_CORE_READ(parent, start_time);
}

/* What is the leader's; of a leader the account has it already. */
static __always_inline __u32 set_leader(struct task_record *account, struct candidate of,
                                        struct task_struct *leader, enum watch_kind kind)
{
	if (leader == of.task) {
		account->flags |= TASK_LEADER;
		account->process.pid = account->tid;
		account->process.start_ns = account->start_ns;
		__builtin_memcpy(account->birth_comm, account->comm, sizeof(account->birth_comm));
		return READ_CANDIDATE(of, flags);
	}
	account->process.pid = number_in_namespace(leader, is_nested(kind));
	account->process.start_ns = BPF_CORE_READ(leader, start_time);
	bpf_probe_read_kernel(account->birth_comm, sizeof(account->birth_comm), &leader->comm);
	return BPF_CORE_READ(leader, flags);
}

static __always_inline void set_process(struct task_record *account, struct candidate of,
                                        enum watch_kind kind)
{
	struct task_struct *task = of.task, *leader = BPF_CORE_READ(task, group_leader);
	const __u32 leader_flags = set_leader(account, of, leader, kind);

	if (!config.watch_all && !is_by_cgroup(kind) &&
	    target_of_process(leader, is_nested(kind)) != NO_TARGET)
		account->flags |= TASK_NAMED;
	set_parent(account, leader, kind);
	/* A kernel thread has executed no program, and does not run its parent's, either. */
	if (leader_flags & PF_KTHREAD || !(leader_flags & PF_FORKNOEXEC))
		account->flags |= TASK_EXECUTED;
}

static __always_inline void hide_adopted(struct task_record *account)
{
	__u32 i;

	account->flags |= TASK_HIDDEN | TASK_BORN_HIDDEN;
	for (i = 0; i < TASK_FIELDS_N; i++)
		account->fields[i] = TASK_FIELD_NONE;
}

/*
 * Add an account of the task to the map of tasks. scratch: index of a free buffer in adoptees.
 * Returns false if the task has an account already, or there is no room.
 */
static __always_inline bool adopt(struct candidate of, __u32 target, __u32 scratch,
                                  enum watch_kind kind)
{
	struct task_struct *task = of.task;
	struct task_record *account;
	__u64 key = (__u64)task;
	long err;

	if (bpf_map_update_elem(&adoptees, &scratch, &blank, BPF_ANY))
		return false;
	account = bpf_map_lookup_elem(&adoptees, &scratch);
	if (!account)
		return false;
	account->seq = 0;
	account->flags = TASK_ADOPTED | TASK_OF_ADOPTED;
	account->target = target;
	account->start_ns = READ_CANDIDATE(of, start_time);
	account->token = token_of(READ_CANDIDATE(of, pid), account->start_ns);
	account->tid = is_nested(kind) ? number_in_namespace(task, true) : READ_CANDIDATE(of, pid);
	account->exec_id = READ_CANDIDATE(of, self_exec_id);
	bpf_probe_read_kernel(account->comm, sizeof(account->comm), &task->comm);
	set_process(account, of, kind);
	exclude_past(account, of);
	account->adopted_ns = bpf_ktime_get_ns();
	if (is_restricted(kind) && !user_may_observe(task))
		hide_adopted(account);
	err = bpf_map_update_elem(&tasks, &key, account, BPF_NOEXIST);
	if (err) {
		if (err != -EEXIST)
			count_loss(&run.losses.tasks);
		return false;
	}
	__sync_fetch_and_add(slot_of(key), key);
	__sync_fetch_and_add(&run.alive, 1);
	return true;
}

static __always_inline bool is_on_cpu(struct task_struct *task)
{
	return !bpf_core_field_exists(task->on_cpu) || BPF_CORE_READ(task, on_cpu);
}

/*
 * Whether the program at sched_switch will see the account at the task's last switch. If that
 * switch was over before the account came into the map, remove the account again. Linux 5.10
 * requires the loop's back edge to be a plain jump: without the barrier, the compiler merges the
 * last check into the first.
 */
static __always_inline bool will_be_closed(struct task_struct *task, __u64 key)
{
	__u32 i = 0;

	order_memory();
	if (!(BPF_CORE_READ(task, flags) & PF_EXITING) || !(state_of(task) & TASK_DEAD))
		return true;
#pragma clang loop unroll(disable)
	do {
		if (!is_on_cpu(task))
			break;
		barrier_var(i);
	} while (++i < LAST_SWITCH_LOOKS);
	if (!bpf_map_delete_elem(&tasks, &key)) {
		__sync_fetch_and_add(slot_of(key), -key);
		__sync_fetch_and_add(&run.alive, -1);
	}
	return false;
}

STEP(forget_on_cpu, __u64)
{
	struct cpu_state *state = cpu_state(i);

	if (!state || state->current != *walk || state->tracked)
		return 0;
	for (__u32 k = 0; k < MAX_COUNTERS; k++) {
		if (k >= config.counters_n)
			break;
		state->base[k].enabled_ns = 0;
	}
	barrier();
	state->current = 0;
	return 0;
}

/*
 * The task is running, but was not in the map at its switch-in. Its switch-out would be ignored,
 * and the CPU's base belongs to another task. Clear both, as if the switch-in had not been seen.
 */
static __always_inline void forget_switch_in(__u64 key)
{
	REPEAT(config.cpus_n, forget_on_cpu, &key);
}

#endif
