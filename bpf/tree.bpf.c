// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The tree: a task belongs to it if the task that created it does. Decided in sched_wakeup_new, where
 * the creator puts the new task onto a run queue for the first time (wake_up_new_task()), for processes,
 * threads and io_uring workers alike. Nothing that happens later changes it.
 *
 * The run queue is locked there and interrupts are off: the new task cannot run before the program has,
 * and nothing on this CPU can come between. In task_newtask, at the end of copy_process(), that is not
 * so since Linux 7.0 on PREEMPT_RT (commit f7d327654b88): the creator may be preempted in the middle
 * of the program, and the kernel then skips the program for whoever creates a task on that CPU meanwhile
 * (prog->active in __bpf_trace_run(), kernel/trace/bpf_trace.c).
 */
#include "maps.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

/* seq is odd: an account that is being filled in. */
static const struct task_record blank = {.seq = 1};

/*
 * The number of a task's pid in the agent's namespace; 0 when it has none there. In the initial namespace
 * every task has one, and the task_struct tells it.
 */
static __always_inline __u32 number_in_namespace(struct task_struct *task, bool nested)
{
	struct pid *pid;
	void *numbers;
	struct upid *upid;

	if (!nested)
		return BPF_CORE_READ(task, pid);
	pid = BPF_CORE_READ(task, thread_pid);
	numbers = (void *)pid + bpf_core_field_offset(struct pid, numbers);
	upid = numbers + run.agent_level * bpf_core_type_size(struct upid);
	if (BPF_CORE_READ(pid, level) < run.agent_level ||
	    (__u64)BPF_CORE_READ(upid, ns) != run.agent_namespace)
		return 0;
	return BPF_CORE_READ(upid, nr);
}

/* A new thread of the creator's process. */
static __always_inline void join_process(struct task_record *account, struct task_record *creator)
{
	account->process = creator->process;
	account->parent = creator->parent;
	account->flags = creator->flags & (TASK_EXECUTED | TASK_HIDDEN | TASK_BORN_HIDDEN);
	__builtin_memcpy(account->birth_comm, creator->birth_comm, sizeof(account->birth_comm));
	account->creator_token = creator->token;
	creator->created++;
}

/* The creator's program is none that the user may observe, and the new process runs it, too. */
static __always_inline void begin_hidden(struct task_record *account,
                                         const struct task_record *creator)
{
	__u32 i;

	account->flags |= TASK_HIDDEN | TASK_BORN_HIDDEN;
	__builtin_memcpy(account->comm, creator->comm, sizeof(account->comm));
	for (i = 0; i < TASK_FIELDS_N; i++)
		account->fields[i] = TASK_FIELD_NONE;
}

/*
 * A new process. Its parent is the one that getppid() will tell: the creator's process, or with
 * CLONE_PARENT that one's parent.
 */
static __always_inline void begin_process(struct task_record *account, struct task_struct *task,
                                          const struct task_record *creator, bool nested)
{
	struct task_struct *parent = BPF_CORE_READ(task, real_parent, group_leader);
	__u32 pid = number_in_namespace(parent, nested);

	account->process.pid = account->tid;
	account->process.start_ns = account->start_ns;
	account->parent.pid = pid;
	account->flags |= TASK_LEADER;
	if (creator->process.pid == pid)
		account->parent.start_ns = creator->process.start_ns;
	else if (creator->parent.pid == pid)
		account->parent.start_ns = creator->parent.start_ns;
	if (config.restricted && creator->flags & TASK_HIDDEN)
		begin_hidden(account, creator);
	__builtin_memcpy(account->birth_comm, account->comm, sizeof(account->birth_comm));
}

static __always_inline struct task_record *open_account(struct task_struct *task, bool nested)
{
	__u64 key = (__u64)task;
	struct task_record *account;

	if (bpf_map_update_elem(&tasks, &key, &blank, BPF_ANY)) {
		count_loss(&run.losses.tasks);
		return NULL;
	}
	__sync_fetch_and_add(slot_of(key), key);
	account = bpf_map_lookup_elem(&tasks, &key);
	if (!account)
		return NULL;
	__sync_fetch_and_add(&run.alive, 1);
	account->start_ns = BPF_CORE_READ(task, start_time);
	account->tid = number_in_namespace(task, nested);
	/* A pid has 22 bits (PID_MAX_LIMIT); the same one comes again later than in the same ns. */
	account->token = account->start_ns << 22 | (BPF_CORE_READ(task, pid) & 0x3fffff);
	if (config.exec_twice)
		account->exec_id = BPF_CORE_READ(task, self_exec_id);
	/* The new task still has its creator's name. */
	bpf_get_current_comm(account->comm, sizeof(account->comm));
	return account;
}

static __always_inline void set_root(struct task_struct *task, struct task_record *account)
{
	account->flags = TASK_ROOT | TASK_PENDING;
	run.agent_task = 0;
	run.root.start_ns = account->start_ns;
	run.root.pid = account->tid;
	run.root_pending = (__u64)task;
}

/*
 * Nobody else sees the account before the task runs, but the agent's snapshot: it skips one whose
 * seq is odd. The creator is looked up twice: what is known about one pointer the longer, the
 * verifier has to follow through everything in between, once for each case.
 */
static __always_inline int follow(struct task_struct *task, bool nested)
{
	__u64 creator_key = bpf_get_current_task();
	struct task_record *account, *creator;

	if (creator_key != run.agent_task && !bpf_map_lookup_elem(&tasks, &creator_key))
		return 0;
	account = open_account(task, nested);
	if (!account)
		return 0;
	if (creator_key == run.agent_task) {
		set_root(task, account);
		/* Nobody in the tree has created it: its own account stands in, blank as it is. */
		creator_key = (__u64)task;
	}
	creator = bpf_map_lookup_elem(&tasks, &creator_key);
	if (!creator)
		return 0;
	if (BPF_CORE_READ(task, group_leader) != task)
		join_process(account, creator);
	else
		begin_process(account, task, creator, nested);
	barrier();
	account->seq = 0;
	return 0;
}

SEC("raw_tp/sched_wakeup_new")
int BPF_PROG(on_newtask, struct task_struct *task)
{
	return follow(task, false);
}

/* In its place when the agent is in a pid namespace of its own, in a container say. */
SEC("raw_tp/sched_wakeup_new")
int BPF_PROG(on_newtask_ns, struct task_struct *task)
{
	return follow(task, true);
}
