// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What the agent runs when it polls living tasks (BPF_PROG_TEST_RUN), one program for all purposes.
 * It is loaded at the first poll: short commands have none.
 */
#include "accounts.h"
#include "fields.h"
#include "running.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

/*
 * The fields of a task that is alive, whether it runs or not, into run.reading. An account that is
 * still in the map afterwards says that the task_struct was not freed meanwhile.
 */
static __always_inline int read_alive(__u64 task)
{
	struct task_record *account = bpf_map_lookup_elem(&tasks, &task);

	if (!account)
		return 0;
	if (account->flags & TASK_HIDDEN) {
		__builtin_memcpy(run.reading.fields, account->fields, sizeof(account->fields));
		__builtin_memcpy(run.reading.comm, account->comm, sizeof(account->comm));
		return 1;
	}
	account_fields((void *)task, false, account, run.reading.fields);
	bpf_probe_read_kernel(run.reading.comm, sizeof(run.reading.comm),
	                      &((struct task_struct *)task)->comm);
	run.reading.is_ending = BPF_CORE_READ((struct task_struct *)task, exit_state) != 0;
	return bpf_map_lookup_elem(&tasks, &task) ? 1 : 0;
}

/* No task of the tree runs here: bring the CPU's own sums up to date. */
static __always_inline void weigh_running(__u64 task)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct cpu_state *state = cpu_state(cpu);

	if (!state)
		return;
	if (!state->idle)
		learn_idle(state, current_task(), NULL);
	settle(cpu, state, pass_time(state, task == state->idle));
	state->current = task;
}

/*
 * Whether the task was in the map as it was switched in here: else the CPU's base belongs to an
 * earlier task.
 */
static __always_inline bool was_tracked(__u64 task)
{
	struct cpu_state *state = cpu_state(bpf_get_smp_processor_id());

	return !state || state->current != task || state->tracked;
}

/*
 * Bring the task that runs on this CPU up to date, so that one that never yields has rows. The
 * agent runs this on each CPU just before a poll, by an interrupt: never in the middle of the
 * sched_switch program.
 */
static __always_inline void update_running(__u64 task)
{
	struct task_record *account = bpf_map_lookup_elem(&tasks, &task);

	if (RUN_HAS(watches) && account && !was_tracked(task))
		take_base(task);
	else if (account && !(account->flags & (TASK_PENDING | TASK_HIDDEN)))
		account_running(task, account);
	else if (RUN_HAS(weights_n))
		weigh_running(task);
}

/*
 * Where the map allocates on demand, each CPU has one free element at first, and gets more by an
 * interrupt once that is taken (prefill_mem_cache() in kernel/bpf/memalloc.c). While tasks are
 * adopted, sched_wakeup_new may need two at once, for the creator and for the new task.
 */
static __always_inline void make_room(void)
{
	__u64 no_task = 1;

	if (!bpf_map_update_elem(&tasks, &no_task, &blank, BPF_NOEXIST))
		bpf_map_delete_elem(&tasks, &no_task);
}

/* Returns 1 when DEMAND_FIELDS has read the task's fields, else 0. */
SEC("raw_tp/not_attached")
int BPF_PROG(on_demand, enum demand demand, __u64 subject)
{
	__u64 task = bpf_get_current_task();

	if (demand == DEMAND_FIELDS)
		return read_alive(subject);
	if (demand == DEMAND_ROOM) {
		make_room();
		return 0;
	}
	update_running(task);
	return 0;
}
