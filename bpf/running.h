/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The task that runs on this CPU, between two switches. Not for an interrupt of the sched_switch
 * program.
 */
#ifndef BPF_RUNNING_H
#define BPF_RUNNING_H

#include "weights.h"

/* From here on the counters of this CPU count for the task. */
static __always_inline void take_base(__u64 task)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct cpu_state *state;

	if (!config.counters_n && !config.weights_n)
		return;
	state = cpu_state(cpu);
	if (!state)
		return;
	read_counters(cpu, state->now);
	if (config.weights_n)
		weigh_cpu(state, pass_time(state, false));
	advance_base(state);
	state->current = task;
	state->tracked = true;
}

/* Bring its account up to date. */
static __always_inline void account_running(__u64 task, struct task_record *account)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct kernel_counts counts = kernel_counts(current_task());
	struct cpu_state *state;

	/* The root's base has the time since its switch-in, its own number not yet. */
	if (account->flags & TASK_ROOT && counts.cpu_ns < run.root_base.cpu_ns)
		counts.cpu_ns = run.root_base.cpu_ns;
	account->seq++;
	if (config.counters_n || config.weights_n) {
		state = cpu_state(cpu);
		if (state) {
			__u64 ran_ns = config.weights_n ? pass_time(state, false) : 0;

			read_counters(cpu, state->now);
			weigh_cpu(state, ran_ns);
			if (state->current != task)
				claim_share(state, account, counts.cpu_ns);
			add_counters(account, state);
			weigh_task(account, state, ran_ns);
			advance_base(state);
			state->current = task;
			state->tracked = true;
		}
	}
	set_kernel_counts(account, counts);
	account->seq++;
}

#endif
