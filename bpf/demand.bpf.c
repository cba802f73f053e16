// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What the agent runs when it wants to (BPF_PROG_TEST_RUN), one program for all purposes: each
 * program takes its time at start-up.
 */
#include "fields.h"
#include "weights.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

/*
 * In the agent's own context: its next child is the command, and pids are to be numbered as it sees
 * them.
 */
static __always_inline void arm(__u64 task)
{
	struct task_struct *agent = (void *)task;
	struct pid *pid = BPF_CORE_READ(agent, thread_pid);
	struct upid *upid;

	run.agent_level = BPF_CORE_READ(pid, level);
	upid = (void *)pid + bpf_core_field_offset(struct pid, numbers) +
	       run.agent_level * bpf_core_type_size(struct upid);
	run.agent_namespace = (__u64)BPF_CORE_READ(upid, ns);
	run.agent_task = task;
}

/*
 * The task that runs on this CPU now, accounted between two switches, so that one that never yields
 * has its rows. The agent asks for it on each CPU just before it looks, which comes by an interrupt:
 * never in the middle of the sched_switch program.
 */
static __always_inline void account_running(__u64 task, struct task_record *account)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct kernel_counts counts = kernel_counts(current_task());
	struct cpu_state *state;

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

/*
 * The fields of a task that is alive, whether it runs or not, into run.reading. An account that is
 * still in the map afterwards says that the task_struct was not freed meanwhile.
 */
static __always_inline int read_alive(__u64 task)
{
	struct task_record *account = bpf_map_lookup_elem(&tasks, &task);

	if (!account)
		return 0;
	read_fields((void *)task, account->execs, run.reading.fields);
	if (account->flags & TASK_ROOT)
		subtract_root_fields(run.reading.fields);
	bpf_probe_read_kernel(run.reading.comm, sizeof(run.reading.comm),
	                      &((struct task_struct *)task)->comm);
	return bpf_map_lookup_elem(&tasks, &task) ? 1 : 0;
}

/* Nobody of the tree runs here: bring the CPU's own sums up to date. */
static __always_inline void weigh_running(__u64 task)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct cpu_state *state = cpu_state(cpu);

	if (!state)
		return;
	if (!state->idle)
		learn_idle(state, task);
	settle(cpu, state, pass_time(state, task == state->idle));
	state->current = task;
}

/* Returns 1 when DEMAND_FIELDS has read the task's fields, else 0. */
SEC("raw_tp/not_attached")
int BPF_PROG(on_demand, enum demand demand, __u64 subject)
{
	__u64 task = bpf_get_current_task();
	struct task_record *account;

	if (demand == DEMAND_ARM) {
		arm(task);
		return 0;
	}
	if (demand == DEMAND_FIELDS)
		return read_alive(subject);
	account = bpf_map_lookup_elem(&tasks, &task);
	if (account && !(account->flags & TASK_PENDING))
		account_running(task, account);
	else if (config.weights_n)
		weigh_running(task);
	return 0;
}
