// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The task that runs on this CPU now, accounted between two switches, so that one that never yields
 * has its rows. The agent runs it on each CPU just before it looks (BPF_PROG_TEST_RUN with a CPU),
 * which comes by an interrupt: never in the middle of the sched_switch program.
 */
#include "counting.h"

#include <bpf/bpf_core_read.h>

SEC("raw_tp/not_attached")
int account_current(void *context)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u64 key = (__u64)task;
	struct task_record *account = bpf_map_lookup_elem(&tasks, &key);
	__u32 cpu = bpf_get_smp_processor_id();
	struct cpu_state *state;

	if (!account || account->flags & TASK_PENDING)
		return 0;
	account->seq++;
	if (config.counters_n) {
		state = cpu_state(cpu);
		if (state && state->tracked) {
			read_counters(cpu, state->now);
			add_counters(account, state);
			advance_base(state);
		}
	}
	set_kernel_counts(account, BPF_CORE_READ(task, se.sum_exec_runtime),
	                  BPF_CORE_READ(task, nvcsw) + BPF_CORE_READ(task, nivcsw),
	                  BPF_CORE_READ(task, se.nr_migrations));
	account->seq++;
	return 0;
}
