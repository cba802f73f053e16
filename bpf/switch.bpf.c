// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * sched_switch: the outgoing task's account is brought up to date; at its last switch it is closed.
 *
 * The hook runs with the run queue locked and interrupts off, after the scheduler has brought
 * sum_exec_runtime and the switch counts of prev up to date (kernel/sched/core.c, __schedule()).
 */
#include "fields.h"
#include "weights.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

/* task is current_task(). */
static __always_inline bool is_dead(struct task_struct *task)
{
	struct task_struct___before_5_14 *old = (void *)task;

	if (!bpf_core_field_exists(task->__state))
		return BPF_CORE_READ(old, state) & TASK_DEAD;
	return (config.direct ? task->__state : BPF_CORE_READ(task, __state)) & TASK_DEAD;
}

/* The ring is full: the account waits in a map, under a number that no other has. */
static __always_inline void keep(struct task_record *task)
{
	/* Two tasks cannot die on one CPU at the same nanosecond. */
	__u64 key = task->header.time_ns << 14 | (bpf_get_smp_processor_id() & 0x1fff) << 1 | 1;
	__u32 first = 0;
	void *reserve = bpf_map_lookup_elem(&reserves, &first);

	count_loss(&run.losses.ring_full);
	if (reserve && !bpf_map_update_elem(reserve, &key, task, BPF_NOEXIST))
		return;
	if (bpf_map_update_elem(&tasks, &key, task, BPF_NOEXIST))
		count_loss(&run.losses.records);
}

/* What its kernel counts and fields are at its end, and its name. */
static __always_inline void take_last(struct task_struct *task, struct task_record *account)
{
	account_fields(task, account, account->fields);
	/* The switch that ends a task is none that it made. */
	account->fields[TASK_VOLUNTARY_SWITCHES]--;
	account->context_switches--;
	bpf_get_current_comm(account->comm, sizeof(account->comm));
}

/* What wait() will tell. */
static __always_inline void note_exit(struct task_struct *task, struct task_record *account)
{
	struct signal_struct *signal = BPF_CORE_READ(task, signal);

	account->exit_code = BPF_CORE_READ(task, exit_code);
	if (BPF_CORE_READ(signal, flags) & SIGNAL_GROUP_EXIT) {
		account->exit_code = BPF_CORE_READ(signal, group_exit_code);
		account->flags |= TASK_GROUP_EXIT;
	}
	if (BPF_CORE_READ(signal, oom_mm))
		account->flags |= TASK_OOM_VICTIM;
}

/*
 * Bytes of the account that are sent: with the estimates if there are any. Computed, not chosen: each
 * choice is a path of its own for the verifier, through everything that follows.
 */
static __always_inline __u64 sent_size(const struct task_record *account)
{
	__u64 without =
		offsetof(struct task_record, counters) + config.slots_n * sizeof(struct counter);
	__u64 sign = account->slices | -account->slices;

	/* Unseen, or the compiler makes a branch of it. */
	asm volatile("" : "+r"(sign));
	return without + (sign >> 63) * (offsetof(struct task_record, hidden) - without);
}

/*
 * The last switch-out. exit_code and signal stay until the task_struct is freed, which happens
 * after this switch at the earliest; thread_pid does not.
 */
static __always_inline void close_account(struct task_struct *task, struct task_record *account)
{
	__u64 size;

	account->header.type = RECORD_TASK;
	account->header.time_ns = bpf_ktime_get_ns();
	account->flags |= TASK_ENDED;
	if (config.exec_twice && account->exec_id != BPF_CORE_READ(task, self_exec_id)) {
		count_loss(&run.losses.execs);
		account->flags |= TASK_EXECUTED;
	}
	if (!config.restricted || !(account->flags & TASK_HIDDEN))
		take_last(task, account);
	if (!config.restricted || ~account->flags & (TASK_HIDDEN | TASK_BORN_HIDDEN))
		note_exit(task, account);
	size = sent_size(account);
	account->header.size = size;
	if (submit(account, size, account->process.start_ns == run.root.start_ns))
		keep(account);
}

static __always_inline void leave(__u64 task, struct task_record *account)
{
	if (account->flags & TASK_PENDING)
		run.root_pending = ROOT_GONE; /* it was never the command */
	else
		close_account((void *)task, account);
	bpf_map_delete_elem(&tasks, &task);
	__sync_fetch_and_add(slot_of(task), -task);
	__sync_fetch_and_add(&run.alive, -1);
}

/*
 * The task whose address this is leaves the CPU. state is NULL when nothing is counted or weighed;
 * unseen: it was not seen to be switched in. ran_ns: how long, where that is timed.
 */
static __always_inline void switch_out(__u64 task, struct task_record *account,
                                       struct cpu_state *state, bool unseen, bool weighs,
                                       __u64 ran_ns)
{
	struct task_struct *current = current_task();
	struct kernel_counts counts = kernel_counts(current);
	bool ends = is_dead(current);

	if (!(account->flags & (TASK_PENDING | TASK_HIDDEN))) {
		account->seq++;
		if (config.counters_n && unseen)
			claim_share(state, account, counts.cpu_ns);
		if (config.counters_n)
			add_counters(account, state);
		if (weighs)
			weigh_task(account, state, ran_ns);
		set_kernel_counts(account, counts);
		account->seq++;
	}
	if (ends)
		leave(task, account);
}

/* Since when the root runs, and its CPU time then; its next switch-in may go unseen. */
static __always_inline void watch_root(__u64 prev, struct task_struct *next)
{
	if (run.root_pending == (__u64)next) {
		run.root_switched_in = bpf_ktime_get_ns();
		run.root_runtime = BPF_CORE_READ(next, se.sum_exec_runtime);
	} else if (run.root_pending == prev) {
		run.root_switched_in = 0;
	}
}

/*
 * Whether a task is in the map. A sum of others that happens to be this one's address costs a reading
 * for nobody, and no more: whose account it is the map decides.
 */
static __always_inline bool is_tracked(__u64 task)
{
	__u64 slot = *slot_of(task);

	return slot == task || (slot && bpf_map_lookup_elem(&tasks, &task));
}

/*
 * The time that prev ran, where it is of use: as the CPU becomes idle or busy, and, when a weight is
 * time, wherever the tree is concerned.
 */
static __always_inline __u64 time_switch(struct cpu_state *state, __u64 prev,
                                         struct task_struct *next, __u64 may_leave)
{
	bool was_idle;

	if (!state->idle)
		learn_idle(state, (__u64)next);
	if (!state->idle)
		learn_idle(state, prev);
	was_idle = state->idle == prev;
	if (was_idle || state->idle == (__u64)next ||
	    (config.times_run && (may_leave | *(volatile __u32 *)&state->tracked)))
		return pass_time(state, was_idle);
	return 0;
}

/*
 * Numbers are combined, not compared, and the one that is 0 or 1 is read back from the map; prev is
 * looked up after the readings. What is known of a value the verifier has to follow, case by case,
 * through everything up to its last use; so the root comes last.
 */
static __always_inline int account_switch(__u64 prev, struct task_struct *next, bool weighs)
{
	__u64 may_leave, unseen = 0, ran_ns = 0;
	struct cpu_state *state = NULL;
	struct task_record *out;
	__u32 cpu;

	if (config.counters_n || weighs) {
		cpu = bpf_get_smp_processor_id();
		state = cpu_state(cpu);
		if (!state)
			return 0;
		unseen = state->current ^ prev;
		may_leave = state->tracked | unseen ? *slot_of(prev) : 0;
		state->current = (__u64)next;
		state->tracked = is_tracked((__u64)next);
		if (weighs)
			ran_ns = time_switch(state, prev, next, may_leave);
		if (!(may_leave | *(volatile __u32 *)&state->tracked)) {
			if (weighs && state->idle == (__u64)next)
				settle(cpu, state, ran_ns);
			goto root;
		}
		read_counters(cpu, state->now);
		if (weighs)
			weigh_cpu(state, ran_ns);
	} else {
		may_leave = *slot_of(prev);
	}
	out = may_leave ? bpf_map_lookup_elem(&tasks, &prev) : NULL;
	if (out)
		switch_out(prev, out, state, unseen, weighs, ran_ns);
	if (config.counters_n)
		advance_base(state);
root:
	if (run.root_pending)
		watch_root(prev, next);
	return 0;
}

SEC("raw_tp/sched_switch")
int BPF_PROG(on_switch, bool preempt, __u64 prev, struct task_struct *next)
{
	return account_switch(prev, next, false);
}

/* In its place where weights are kept. */
SEC("raw_tp/sched_switch")
int BPF_PROG(on_switch_weigh, bool preempt, __u64 prev, struct task_struct *next)
{
	return account_switch(prev, next, true);
}
