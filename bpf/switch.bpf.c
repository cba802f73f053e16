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

	if (!SINCE_6_1 && !bpf_core_field_exists(task->__state))
		return BPF_CORE_READ(old, state) & TASK_DEAD;
	return (SINCE_6_1 || config.direct ? task->__state : BPF_CORE_READ(task, __state)) &
	       TASK_DEAD;
}

/*
 * Whether to leave the rest of the ring to execs. Most records are of ends, which can wait in a
 * map; names have no other way.
 */
static __always_inline bool is_for_execs(void)
{
	return bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) > 3 * config.ring_wake;
}

/* There is no room in the ring: keep the account in a map, under a unique number. */
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

/* Take the final kernel counts, fields and name. */
static __always_inline void take_last(struct task_struct *task, struct task_record *account)
{
	account_fields(task, true, account, account->fields);
	/* The switch that ends a task is none that it made. */
	if (!RUN_HAS(watches) || !account->left) {
		account->fields[TASK_VOLUNTARY_SWITCHES]--;
		account->context_switches--;
	}
	bpf_get_current_comm(account->comm, sizeof(account->comm));
}

/* What wait() will return. */
static __always_inline void note_exit(struct task_struct *task, struct task_record *account)
{
	struct signal_struct *signal = BPF_CORE_READ(task, signal);

	account->exit_code = READ_TASK(task, true, exit_code);
	if (BPF_CORE_READ(signal, flags) & SIGNAL_GROUP_EXIT) {
		account->exit_code = BPF_CORE_READ(signal, group_exit_code);
		account->flags |= TASK_GROUP_EXIT;
	}
	if (BPF_CORE_READ(signal, oom_mm))
		account->flags |= TASK_OOM_VICTIM;
}

/*
 * Bytes of the account that are sent: with the estimates if there are any. Computed, not chosen:
 * each choice is a path of its own for the verifier, through everything that follows.
 */
static __always_inline __u64 sent_size(const struct task_record *account)
{
	__u64 without =
		offsetof(struct task_record, counters) + config.slots_n * sizeof(struct counter);
	__u64 sign = account->slices | -account->slices;

	/* Hides the value from the compiler, which would make a branch of it. */
	asm volatile("" : "+r"(sign));
	return without + (sign >> 63) * (offsetof(struct task_record, excluded) - without);
}

/*
 * 1 if the agent waits for this record: a task that left the cgroups, and may be back, can be
 * adopted again without its account.
 */
static __always_inline __u64 is_awaited(const struct task_record *account)
{
	return RUN_HAS(watches) ? account->left & run.left_is_back : 0;
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
	if (RUN_HAS(exec_twice) && account->exec_id != READ_TASK(task, true, self_exec_id)) {
		count_loss(&run.losses.execs);
		account->flags |= TASK_EXECUTED;
	}
	if (!RUN_HAS(restricted) || !(account->flags & TASK_HIDDEN))
		take_last(task, account);
	if (!RUN_HAS(restricted) || ~account->flags & (TASK_HIDDEN | TASK_BORN_HIDDEN))
		note_exit(task, account);
	size = sent_size(account);
	account->header.size = size;
	if (is_for_execs() || submit(account, size, is_awaited(account)))
		keep(account);
}

static __always_inline void leave(__u64 task, struct task_struct *current,
                                  struct task_record *account)
{
	if (RUN_HAS(watches) && account->left) {
		account->flags |= TASK_LEFT;
		__sync_fetch_and_add(&run.left, -1);
		__sync_fetch_and_add(&run.moves, run.left_is_back);
	}
	if (account->flags & TASK_PENDING)
		run.root_pending = ROOT_GONE; /* it was never the command */
	else
		close_account(current, account);
	/*
	 * In a watch the task iterator may have taken it out at the same time: see
	 * bpf/watch/adopt.h.
	 */
	if (bpf_map_delete_elem(&tasks, &task) && RUN_HAS(watches))
		return;
	__sync_fetch_and_add(slot_of(task), -task);
	__sync_fetch_and_add(&run.alive, -1);
}

/*
 * The task at this address leaves the CPU. state: NULL when nothing is counted or weighed. unseen:
 * its switch-in was not seen. ran_ns: how long it ran, where that is timed.
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
		if ((config.counters_n || weighs) && unseen) {
			__u64 slice_ns = slice_of(account, counts.cpu_ns);

			ran_ns = own_time(ran_ns, slice_ns);
			if (config.counters_n)
				claim_share(state, account, slice_ns);
		}
		if (config.counters_n)
			add_counters(account, state);
		if (weighs)
			weigh_task(account, state, ran_ns);
		set_kernel_counts(account, counts);
		account->seq++;
		if (weighs)
			note_change(bpf_get_smp_processor_id(), state, task, account);
	}
	if (ends || (RUN_HAS(watches) && account->left))
		leave(task, current, account);
}

/* Note since when the root runs, and its CPU time then; its next switch-in may go unseen. */
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
 * Whether a task is in the map. False positive, of a slot whose sum happens to be this address: one
 * needless reading of the counters; account_switch() looks tasks up in the map.
 */
static __always_inline bool is_tracked(__u64 task)
{
	__u64 slot = *slot_of(task);

	return slot == task || (slot && bpf_map_lookup_elem(&tasks, &task));
}

/*
 * Whether the CPU's sums have to be brought up to date before the task is switched in: the idle
 * task, and one whose switch-out may go unseen, to the idle task too. Else other tasks' time would
 * count as idle.
 */
static __always_inline bool is_watershed(const struct cpu_state *state, __u64 next)
{
	return state->idle == next || state->silent == next;
}

/*
 * The time that prev ran, where it is needed: when the CPU becomes idle or busy, and, when a weight
 * is time, when prev or next belongs to the tree.
 */
static __always_inline __u64 time_switch(struct cpu_state *state, __u64 prev,
                                         struct task_struct *next, __u64 may_leave)
{
	bool was_idle;

	if (!state->idle)
		learn_idle(state, current_task(), next);
	was_idle = state->idle == prev;
	if (was_idle || is_watershed(state, (__u64)next) ||
	    (RUN_HAS(times_run) && (may_leave | *(volatile __u32 *)&state->tracked)))
		return pass_time_until(state, was_idle,
		                       switch_time(state, current_task(), was_idle));
	return 0;
}

/*
 * In plain runs a switch between two tasks that are not in the map is passed over, and nothing is
 * written: cpu_state.current is then 0, or a task of the map that was last seen switched in.
 */
#ifdef PLAIN
#define PASSES_OVER_OTHERS 1
#else
#define PASSES_OVER_OTHERS 0
#endif

static __always_inline bool concerns_others(const struct cpu_state *state, __u64 prev, __u64 next)
{
	return !(*slot_of(prev) | *slot_of(next) | state->tracked);
}

/*
 * The verifier follows each case of a value through everything up to the value's last use. So
 * numbers are combined, not compared; the one that is 0 or 1 is read back from the map; prev is
 * looked up after the readings; and the root comes last.
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
		if (PASSES_OVER_OTHERS && concerns_others(state, prev, (__u64)next))
			goto root;
		unseen = state->current ^ prev;
		if (weighs && unseen)
			state->silent = state->current;
		may_leave = state->tracked | unseen ? *slot_of(prev) : 0;
		state->current = (__u64)next;
		state->tracked = is_tracked((__u64)next);
		if (PASSES_OVER_OTHERS)
			state->current *= *(volatile __u32 *)&state->tracked;
		if (weighs)
			ran_ns = time_switch(state, prev, next, may_leave);
		if (!(may_leave | *(volatile __u32 *)&state->tracked)) {
			if (weighs && is_watershed(state, (__u64)next))
				settle(cpu, state, ran_ns);
			goto root;
		}
		/* Where weights are timed, time_switch() has just read the clock. */
		read_counters(cpu, state,
		              weighs && RUN_HAS(times_run) ? state->since_ns : counters_time());
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

#ifdef PLAIN
SEC("raw_tp/sched_switch")
int BPF_PROG(on_switch, bool preempt, __u64 prev, struct task_struct *next)
{
	return account_switch(prev, next, false);
}
#else
/* In its place where the run is not plain. */
SEC("raw_tp/sched_switch")
int BPF_PROG(on_switch_full, bool preempt, __u64 prev, struct task_struct *next)
{
	return account_switch(prev, next, false);
}

/* And where weights are kept. */
SEC("raw_tp/sched_switch")
int BPF_PROG(on_switch_weigh, bool preempt, __u64 prev, struct task_struct *next)
{
	return account_switch(prev, next, true);
}
#endif
