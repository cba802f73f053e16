/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Weights: what each task used of the CPUs, and what everybody used, by which user space shares out
 * energy. A weight is either what some of the counters gained, or time. It is kept for each group of
 * CPUs (a package, say) in slots of the account behind the counters, and summed in the CPU's state
 * over all that ran there, each gain with the same factor: the tasks' weights never exceed the CPU's.
 *
 * While another task than a tracked one runs nothing is read; what it used is in the CPU's next
 * difference. One is taken as the CPU becomes idle, so that an idle CPU has nothing left to tell, and
 * the agent need not wake it.
 */
#ifndef BPF_WEIGHTS_H
#define BPF_WEIGHTS_H

#include "counting.h"

#include <bpf/bpf_core_read.h>

/*
 * The idle task of a CPU stays the same; it is the one with pid 0. As long as it is not known, which
 * is until the CPU is idle for the first time, it takes a helper's call to find out.
 */
static __always_inline void learn_idle(struct cpu_state *state, __u64 task)
{
	if (!BPF_CORE_READ((struct task_struct *)task, pid))
		state->idle = task;
}

/*
 * Account the time up to now as busy, unless the idle task ran. Returns it, or 0. At the first call
 * there is no time to account.
 */
static __always_inline __u64 pass_time(struct cpu_state *state, bool was_idle)
{
	__u64 now = bpf_ktime_get_ns();
	__u64 ran = state->since_ns && !was_idle ? now - state->since_ns : 0;

	state->since_ns = now;
	state->busy_ns += ran;
	return ran;
}

static __always_inline __u64 counter_gain(const struct cpu_state *state, __u32 i)
{
	const struct counter *now = &state->now[i & (MAX_COUNTERS - 1)];
	const struct counter *base = &state->base[i & (MAX_COUNTERS - 1)];

	if (!base->enabled_ns || !now->enabled_ns || now->count < base->count)
		return 0;
	return now->count - base->count;
}

/* What weight w gained since the CPU's base; ran_ns: pass_time(). */
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

/* Add the gains to the CPU's sums. The counters have been read; the base is advanced afterwards. */
static __always_inline void weigh_cpu(struct cpu_state *state, __u64 ran_ns)
{
	__u32 w;

	for (w = 0; w < MAX_WEIGHTS; w++) {
		if (w >= config.weights_n)
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

		if (w >= config.weights_n)
			break;
		account->counters[slot & (MAX_COUNTERS - 1)].count += weight_gain(state, w, ran_ns);
	}
}

/*
 * Nobody of the tree is concerned: read only the weights' counters, and make those readings their
 * base. The other counters keep theirs, which is of use to nobody until a tracked task is switched in.
 */
static __always_inline void settle(__u32 cpu, struct cpu_state *state, __u64 ran_ns)
{
	__u32 w, i;

	for (w = 0; w < MAX_WEIGHTS; w++) {
		if (w >= config.weights_n)
			break;
		for (i = 0; i < MAX_WEIGHT_COUNTERS; i++) {
			if (i >= config.weights[w].counters_n)
				break;
			read_counter(cpu, config.weights[w].first + i, state->now);
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
