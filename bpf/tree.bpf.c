// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The tree: a task belongs to it if the task that created it does. Decided in sched_wakeup_new,
 * where the creator puts the new task onto a run queue for the first time (wake_up_new_task()), for
 * processes, threads and io_uring workers alike. Nothing that happens later changes it.
 *
 * The run queue is locked there and interrupts are off: the new task cannot run before the program
 * has, and nothing on this CPU can come between. In task_newtask, at the end of copy_process(),
 * that is not so since Linux 7.0 on PREEMPT_RT (commit f7d327654b88): the creator may be preempted
 * in the middle of the program, and the kernel then skips the program for tasks created on that CPU
 * meanwhile (prog->active in __bpf_trace_run(), kernel/trace/bpf_trace.c).
 */
#include "accounts.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

static __always_inline void set_root(struct task_struct *task, struct task_record *account)
{
	account->flags = TASK_ROOT | TASK_PENDING;
	run.agent_task = 0;
	run.root.start_ns = account->start_ns;
	run.root.pid = account->tid;
	run.root_pending = (__u64)task;
}

/*
 * Before the task runs only the agent's snapshot can see the account: it skips one whose seq is
 * odd. The creator is looked up twice: a pointer that is kept longer makes the verifier follow
 * everything in between once for each of its cases.
 *
 * Without a task, the agent runs the program (BPF_PROG_TEST_RUN): its next child is the command. If
 * more has to be noted then, on_arm or on_arm_ns does it (arm.bpf.c).
 */
static __always_inline int follow(struct task_struct *task, bool nested)
{
	__u64 creator_key = bpf_get_current_task();
	struct task_record *account, *creator;

	if (!nested && !task) {
		run.agent_task = creator_key;
		return 0;
	}
	if (creator_key == run.agent_task)
		run.root_woken = bpf_ktime_get_ns();
	else if (!bpf_map_lookup_elem(&tasks, &creator_key))
		return 0;
	account = open_account(task, nested, BPF_ANY);
	if (!account)
		return 0;
	if (creator_key == run.agent_task) {
		set_root(task, account);
		/*
		 * No task of the tree has created it: its own, blank account takes the creator's
		 * place.
		 */
		creator_key = (__u64)task;
	}
	creator = bpf_map_lookup_elem(&tasks, &creator_key);
	if (!creator)
		return 0;
	begin_account(account, task, creator, nested);
	return 0;
}

SEC("raw_tp/sched_wakeup_new")
int BPF_PROG(on_newtask, struct task_struct *task)
{
	return follow(task, false);
}

/* Instead of on_newtask when the agent is in a pid namespace of its own, a container's say. */
SEC("raw_tp/sched_wakeup_new")
int BPF_PROG(on_newtask_ns, struct task_struct *task)
{
	return follow(task, true);
}
