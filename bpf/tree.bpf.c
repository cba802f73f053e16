// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The tree: a task belongs to it if the task that created it does. Decided in task_newtask, at the
 * end of copy_process(), before the new task can run, for processes, threads and io_uring workers
 * alike. Nothing that happens later changes it.
 */
#include "maps.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

/* seq is odd: an account that is being filled in. */
static const struct task_record blank = {.seq = 1};

/* The number of a pid in the agent's namespace; 0 when it has none there. */
static __always_inline __u32 number_in_namespace(struct pid *pid)
{
	void *numbers = (void *)pid + bpf_core_field_offset(struct pid, numbers);
	struct upid *upid;
	struct pid_namespace *namespace;
	int number;

	if (BPF_CORE_READ(pid, level) < run.agent_level)
		return 0;
	upid = numbers + run.agent_level * bpf_core_type_size(struct upid);
	namespace = BPF_CORE_READ(upid, ns);
	number = BPF_CORE_READ(upid, nr);
	return (__u64)namespace == run.agent_namespace ? number : 0;
}

static __always_inline __u32 thread_number(struct task_struct *task)
{
	return run.agent_level ? number_in_namespace(BPF_CORE_READ(task, thread_pid)) : task->pid;
}

/* The pid of the parent as getppid() will tell it: the creator's process, or with CLONE_PARENT its parent. */
static __always_inline __u32 parent_number(struct task_struct *task)
{
	if (!run.agent_level)
		return BPF_CORE_READ(task, real_parent, tgid);
	return number_in_namespace(BPF_CORE_READ(task, real_parent, group_leader, thread_pid));
}

/* A new process: parent is the creator's account, or NULL for the traced command. */
static __always_inline void begin_process(struct task_record *account, struct task_struct *task,
					  const struct task_record *creator)
{
	account->process.pid = account->tid;
	account->process.start_ns = account->start_ns;
	account->parent.pid = parent_number(task);
	account->flags = TASK_LEADER;
	if (!creator)
		account->flags |= TASK_ROOT | TASK_PENDING;
	else if (creator->process.pid == account->parent.pid)
		account->parent.start_ns = creator->process.start_ns;
	else if (creator->parent.pid == account->parent.pid)
		account->parent.start_ns = creator->parent.start_ns; /* CLONE_PARENT */
	__builtin_memcpy(account->birth_comm, task->comm, sizeof(account->birth_comm));
}

/*
 * Nobody else sees the account before the task runs, but the agent's snapshot: it skips one whose
 * seq is odd.
 */
static __always_inline bool enter(struct task_struct *task, __u64 clone_flags,
				  struct task_record *creator)
{
	struct task_record *account;
	__u64 key = (__u64)task;

	if (bpf_map_update_elem(&tasks, &key, &blank, BPF_ANY)) {
		count_loss(&run.losses.tasks);
		return false;
	}
	account = bpf_map_lookup_elem(&tasks, &key);
	if (!account)
		return false;
	__sync_fetch_and_add(&run.alive, 1);
	account->start_ns = task->start_time;
	account->tid = thread_number(task);
	/* A pid has 22 bits (PID_MAX_LIMIT); the same one comes again later than in the same ns. */
	account->token = account->start_ns << 22 | (task->pid & 0x3fffff);
	__builtin_memcpy(account->comm, task->comm, sizeof(account->comm));
	if (creator && clone_flags & CLONE_THREAD) {
		account->process = creator->process;
		account->parent = creator->parent;
		account->flags = creator->flags & TASK_EXECUTED;
		__builtin_memcpy(account->birth_comm, creator->birth_comm,
				 sizeof(account->birth_comm));
		account->creator_token = creator->token;
		creator->created++;
	} else {
		begin_process(account, task, creator);
	}
	barrier();
	account->seq = 0;
	return true;
}

SEC("tp_btf/task_newtask")
int BPF_PROG(on_newtask, struct task_struct *task, __u64 clone_flags)
{
	__u64 creator = bpf_get_current_task();
	struct task_record *account;

	if (creator == run.agent_task) {
		run.agent_task = 0;
		if (enter(task, clone_flags, NULL)) {
			run.root.start_ns = task->start_time;
			run.root.pid = thread_number(task);
			run.root_pending = (__u64)task;
		}
		return 0;
	}
	account = bpf_map_lookup_elem(&tasks, &creator);
	if (account)
		enter(task, clone_flags, account);
	return 0;
}

/*
 * Run by the agent in its own context (BPF_PROG_TEST_RUN): its next child is the command, and pids
 * are to be numbered as it sees them.
 */
SEC("raw_tp/not_attached")
int arm(void *context)
{
	struct task_struct *agent = (void *)bpf_get_current_task();
	struct pid *pid = BPF_CORE_READ(agent, thread_pid);
	struct upid *upid;

	run.agent_level = BPF_CORE_READ(pid, level);
	upid = (void *)pid + bpf_core_field_offset(struct pid, numbers) +
	       run.agent_level * bpf_core_type_size(struct upid);
	run.agent_namespace = (__u64)BPF_CORE_READ(upid, ns);
	run.agent_task = (__u64)agent;
	return 0;
}
