/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Weights: how much each task, and all tasks together, used the CPUs. User space distributes energy
 * by them. A weight is either the gain of some counters, or time. An account has a slot for each
 * weight and group of CPUs (a package, for example), after the counters. The state of the CPU has
 * the sum over everything that ran there, with the same factor for each gain, so that the weights
 * of tasks never exceed those of the CPU.
 *
 * Nothing is read when an untracked task is switched: its usage is in the CPU's next difference.
 * One is taken when the CPU becomes idle, so that the sums of an idle CPU are complete, and the
 * agent need not wake it.
 */
#ifndef BPF_WEIGHTS_H
#define BPF_WEIGHTS_H

#include "busy_time.h"
#include "counting.h"

#include <bpf/bpf_core_read.h>

/*
 * The idle task of a CPU never changes. The run queue of the task that runs there has it; without
 * group scheduling (CONFIG_FAIR_GROUP_SCHED) it is recognized by its pid, 0, when the CPU becomes
 * idle, and until then each switch calls a helper. next: to be switched in, or NULL.
 */
static __always_inline void learn_idle(struct cpu_state *state, struct task_struct *current,
                                       struct task_struct *next)
{
	if (bpf_core_field_exists(current->se.cfs_rq))
		state->idle = (__u64)BPF_CORE_READ(current, se.cfs_rq, rq, idle);
	else if (next && !BPF_CORE_READ(next, pid))
		state->idle = (__u64)next;
	else if (!READ_TASK(current, true, pid))
		state->idle = (__u64)current;
}

static __always_inline __u64 pass_time(struct cpu_state *state, bool was_idle)
{
	return pass_time_until(state, was_idle, bpf_ktime_get_ns());
}

/*
 * The time of a switch. Reading the clock would be most of the cost of a weight. The scheduler has
 * just read its own clock to update the CPU time of current (update_curr() in kernel/sched/fair.c),
 * but not for the idle task, which has no CPU time. That clock excludes interrupts and time stolen
 * by a hypervisor: the difference is measured after each idle period and in each interval. Counters
 * that always count use this time as their own, so that it must increase with each reading.
 */
static __always_inline __u64 switch_time(struct cpu_state *state, struct task_struct *current,
                                         bool was_idle)
{
	__u64 started, now;
	__u32 round;

	if (was_idle || config.always_on) {
		state->ahead_ns = 0;
		return bpf_ktime_get_ns();
	}
	started = READ_TASK(current, true, se.exec_start);
	round = *(volatile __u32 *)&run.round;
	if (!state->ahead_ns || state->ahead_at != round) {
		now = bpf_ktime_get_ns();
		state->ahead_ns = now - started;
		state->ahead_at = round;
		return now;
	}
	return started + state->ahead_ns;
}

/*
 * The part of ran_ns that belongs to a task whose switch-in was not seen: others ran before it, and
 * their time is only in the CPU's sum. slice_ns: slice_of().
 */
static __always_inline __u64 own_time(__u64 ran_ns, __u64 slice_ns)
{
	return ran_ns < slice_ns ? ran_ns : slice_ns;
}

static __always_inline __u64 counter_gain(const struct cpu_state *state, __u32 i)
{
	const struct counter *now = &state->now[i & (MAX_COUNTERS - 1)];
	const struct counter *base = &state->base[i & (MAX_COUNTERS - 1)];

	if (!base->enabled_ns || !now->enabled_ns || now->count < base->count)
		return 0;
	return now->count - base->count;
}

/* The gain of weight w since the CPU's base; ran_ns: pass_time(). */
static __always_inline __u64 weight_gain(const struct cpu_state *state, __u32 w, __u64 ran_ns)
{
	__u64 gain = 0;
	__u32 i;

	if (!config.weights[w].counters_n)
		gain = ran_ns;
	for (i = 0; i < MAX_WEIGHT_COUNTERS; i++) {
		if (i >= config.weights[w].counters_n)
			break;
		gain += counter_gain(state, config.weights[w].first + i);
	}
	return gain * state->factor >> WEIGHT_FACTOR_BITS;
}

/* Add the gains to the CPU's sums, after the counters were read and before the base is advanced. */
static __always_inline void weigh_cpu(struct cpu_state *state, __u64 ran_ns)
{
	__u32 w;

	for (w = 0; w < MAX_WEIGHTS; w++) {
		if (w >= RUN_HAS(weights_n))
			break;
		state->weights[w] += weight_gain(state, w, ran_ns);
	}
}

/* The same for the task that has run. */
static __always_inline void weigh_task(struct task_record *account, const struct cpu_state *state,
                                       __u64 ran_ns)
{
	__u32 w;

	for (w = 0; w < MAX_WEIGHTS; w++) {
		__u32 slot = config.counters_n + w * config.groups_n + state->group;

		if (w >= RUN_HAS(weights_n))
			break;
		account->counters[slot & (MAX_COUNTERS - 1)].count += weight_gain(state, w, ran_ns);
	}
}

/* Copy the account's weights in this CPU's group, and update the checksum by the differences. */
static __always_inline void update_change(struct change *change, const struct cpu_state *state,
                                          const struct task_record *account)
{
	__u32 w;

	for (w = 0; w < MAX_WEIGHTS; w++) {
		__u32 slot = config.counters_n + w * config.groups_n + state->group;
		__u64 now;

		if (w >= config.weights_n)
			break;
		now = account->counters[slot & (MAX_COUNTERS - 1)].count;
		change->check += (now - change->weights[w]) * change_factor(w);
		change->weights[w] = now;
	}
}

static __always_inline void begin_change(struct change *change, __u64 task, __u32 round,
                                         const struct task_record *account)
{
	change->task = task;
	change->token = account->token;
	change->round = round;
	change->check = change_check(change);
}

/*
 * Note the account's values, so that the agent need not visit the accounts of all sleeping tasks,
 * nor look up this one. Each CPU notes a task once in a round, and updates the same entry from then
 * on. Called after the change.
 */
static __always_inline void note_change(__u32 cpu, struct cpu_state *state, __u64 task,
                                        struct task_record *account)
{
	__u32 round = *(volatile __u32 *)&run.round, at = account->noted_at, index;
	struct change *change;
	bool is_new;

	if (!round)
		return;
	is_new = account->round != round || account->noted_cpu != cpu;
	if (is_new)
		at = state->changed_n;
	index = cpu * config.changes_n + (at & (config.changes_n - 1));
	change = bpf_map_lookup_elem(&changes, &index);
	if (!change)
		return;
	if (is_new)
		begin_change(change, task, round, account);
	update_change(change, state, account);
	if (!is_new)
		return;
	account->round = round;
	account->noted_cpu = cpu;
	account->noted_at = at;
	*(volatile __u32 *)&state->changed_n = at + 1;
}

/*
 * No task of the tree is switched in or out: read only the counters of the weights, and make those
 * readings their base. The base of the other counters is not needed until a tracked task is
 * switched in.
 */
static __always_inline void settle(__u32 cpu, struct cpu_state *state, __u64 ran_ns)
{
	__u32 w, i;

	for (w = 0; w < MAX_WEIGHTS; w++) {
		if (w >= RUN_HAS(weights_n))
			break;
		for (i = 0; i < MAX_WEIGHT_COUNTERS; i++) {
			if (i >= config.weights[w].counters_n)
				break;
			read_counter(cpu, config.weights[w].first + i, state, 0);
		}
		state->weights[w] += weight_gain(state, w, ran_ns);
		for (i = 0; i < MAX_WEIGHT_COUNTERS; i++) {
			__u32 at = (config.weights[w].first + i) & (MAX_COUNTERS - 1);

			if (i >= config.weights[w].counters_n)
				break;
			state->base[at] = state->now[at];
		}
	}
}

#endif
