/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The task that runs on this CPU, between two switches. Must not interrupt the sched_switch
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
	__u64 ran_ns = 0;

	if (!config.counters_n && !RUN_HAS(weights_n))
		return;
	state = cpu_state(cpu);
	if (!state)
		return;
	if (RUN_HAS(weights_n))
		ran_ns = pass_time(state, false);
	read_counters(cpu, state, RUN_HAS(weights_n) ? state->since_ns : counters_time());
	if (RUN_HAS(weights_n))
		weigh_cpu(state, ran_ns);
	advance_base(state);
	state->current = task;
	state->tracked = true;
}

/* Bring its account up to date. */
static __always_inline void account_running(__u64 task, struct task_record *account)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct kernel_counts counts = kernel_counts(current_task());
	struct cpu_state *state = NULL;

	/* The root's base includes the time since its switch-in, sum_exec_runtime does not yet. */
	if (account->flags & TASK_ROOT && counts.cpu_ns < run.root_base.cpu_ns)
		counts.cpu_ns = run.root_base.cpu_ns;
	account->seq++;
	if (config.counters_n || RUN_HAS(weights_n)) {
		state = cpu_state(cpu);
		if (state) {
			__u64 ran_ns = RUN_HAS(weights_n) ? pass_time(state, false) : 0;

			read_counters(cpu, state,
			              RUN_HAS(weights_n) ? state->since_ns : counters_time());
			weigh_cpu(state, ran_ns);
			if (state->current != task) {
				__u64 slice_ns = slice_of(account, counts.cpu_ns);

				ran_ns = own_time(ran_ns, slice_ns);
				claim_share(state, account, slice_ns);
			}
			add_counters(account, state);
			weigh_task(account, state, ran_ns);
			advance_base(state);
			state->current = task;
			state->tracked = true;
		}
	}
	set_kernel_counts(account, counts);
	account->seq++;
	if (RUN_HAS(weights_n) && state)
		note_change(cpu, state, task, account);
}

#endif
